"""What one message costs: processor time of each server, log and disk of the database, and commits. Sends a real campaign to find out."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import psutil

from bench.rig import bytes_of_a_message, campaign_of_uke_45, make_people, seconds_until_sent, workers
from bench.sink import RunningSink

_SIZES = "SELECT pg_total_relation_size('mailer_delivery'), pg_total_relation_size('mailer_batch'), pg_current_wal_lsn() - '0/0'"
_COMMITS = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"


def footprint(folder: Path, sink: RunningSink, recipients: int) -> dict[str, float]:
    """Send one campaign to so many people through two worker processes; return the cost of each message, and of each row."""
    from mailer.sending.launch import launch

    make_people(recipients)
    with workers(folder, f"{sink.url}?connections=8&per_connection=100000") as worker:
        _send_some()
        processes = psutil.Process(worker).children(recursive=True)
        before = _used(processes, sink)
        campaign = campaign_of_uke_45()
        launch(campaign.pk, by="bench")
        seconds = seconds_until_sent(campaign)
        used = {name: after - before[name] for name, after in _used(processes, sink).items()}
    return {
        "messages_per_s": round(recipients / seconds),
        **{
            f"{name}_cpu_us": round(used[name] / recipients * 1e6, 1)
            for name in ("worker", "postgresql", "redis", "sink")
        },
        "wal_bytes": round(used["wal"] / recipients),
        "commits": round(used["commits"] / recipients, 3),
        "message_bytes": bytes_of_a_message(campaign),
        "delivery_bytes": round(used["deliveries"] / recipients),
        "batch_bytes": round(used["batches"] / campaign.batches.count()),
    }


def _send_some() -> None:
    """A campaign that does not count: connections are open and letters known afterwards, as in a worker that has run for an hour."""
    from mailer.sending.launch import launch

    campaign = campaign_of_uke_45()
    launch(campaign.pk, by="bench")
    seconds_until_sent(campaign)
    _ask("VACUUM ANALYZE mailer_delivery")


def _used(processes: list[psutil.Process], sink: RunningSink) -> dict[str, float]:
    """Processor seconds of each until now, and octets."""
    deliveries, batches, wal = _ask(_SIZES)
    return {
        "worker": sum(map(cpu_seconds, processes)),
        "postgresql": database_cpu_seconds(),
        "redis": _redis_cpu_seconds(),
        "sink": cpu_seconds(psutil.Process(sink.process.pid)),
        "deliveries": deliveries,
        "batches": batches,
        "wal": float(wal),
        "commits": _ask(_COMMITS)[0],
    }


def cpu_seconds(process: psutil.Process) -> float:
    """What a process and those of its children that have ended used."""
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def database_cpu_seconds() -> float:
    """What all processes of PostgreSQL used. It must run on this machine."""
    (data,) = _ask("SHOW data_directory")
    first = psutil.Process(int((Path(data) / "postmaster.pid").read_text().split()[0]))
    while True:
        # One that ends while we count is counted by its parent from then on.
        with contextlib.suppress(psutil.NoSuchProcess):
            return cpu_seconds(first) + sum(map(cpu_seconds, first.children(recursive=True)))


def _redis_cpu_seconds() -> float:
    import redis
    from django.conf import settings

    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        used: Any = connection.info("cpu")
    return float(used["used_cpu_user"] + used["used_cpu_sys"])


def _ask(sql: str) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else None
