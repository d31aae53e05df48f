"""The bookkeeping of sending while the table of deliveries grows: the real statements, nothing on the wire, K workers at once.

Two ways: with one table as it is, and with a table partitioned by campaign (docs/scale.md).
What is told is the processor time, for one message, of PostgreSQL's processes that do it, which other work on the machine changes little.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import psutil

from bench.footprint import cpu_seconds
from bench.rig import campaign_of_uke_45, make_people

PEOPLE = 20_000
SIZES = (0, 1_000_000, 3_000_000)
WORKERS = 2
# Campaigns whose deliveries share a partition.
TOGETHER = 50

_PARTITIONED = """
    CREATE TABLE parted (LIKE mailer_delivery INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY RANGE (campaign_id);
    DROP TABLE mailer_delivery CASCADE;
    ALTER TABLE parted RENAME TO mailer_delivery;
    ALTER TABLE mailer_delivery ADD PRIMARY KEY (campaign_id, id);
    ALTER TABLE mailer_delivery ADD UNIQUE (campaign_id, subscriber_id);
    ALTER TABLE mailer_delivery ADD UNIQUE (campaign_id, address_key);
    ALTER TABLE mailer_delivery ADD FOREIGN KEY (campaign_id) REFERENCES mailer_campaign;
    ALTER TABLE mailer_delivery ADD FOREIGN KEY (subscriber_id) REFERENCES subscribers_subscriber;
    ALTER TABLE mailer_delivery ADD FOREIGN KEY (variant_id) REFERENCES mailer_variant;
    CREATE INDEX ON mailer_delivery (batch_id);
"""
# Campaigns of weeks gone by: the foreign keys are right, and asking about each of them would take an hour.
_PAST = """
    INSERT INTO mailer_delivery (campaign_id, batch_id, subscriber_id, variant_id, address, address_key, status, skip_reason, attempts,
        uncertain, relay, enhanced_code, reply_text, queue_id, reply_code, first_attempt_at, finished_at)
    SELECT %(campaign)s, -(%(campaign)s * 1000 + s.id / 500), s.id, %(variant)s, s.address, s.address_key, 'sent', '', 1,
        0, 'relay', '2.0.0', '', 'queued' || s.id, 250, now(), now()
    FROM subscribers_subscriber s
"""


def measure(sizes: Sequence[int] = SIZES) -> list[dict[str, Any]]:
    """Return a row for each kind of table and each size (rows of past campaigns). Needs the servers of `bench_house`."""
    make_people(PEOPLE)
    found = []
    for is_partitioned in (False, True):
        if is_partitioned:
            _run(_PARTITIONED)
        filled = 0
        for size in sizes:
            filled = _fill(filled, size, is_partitioned=is_partitioned)
            figures = _campaign(is_partitioned=is_partitioned)
            found.append({"table": "partitions" if is_partitioned else "one table", "rows": filled, **figures})
    return found


def _fill(filled: int, size: int, *, is_partitioned: bool) -> int:
    while filled < size:
        campaign, variant = _new_campaign(is_partitioned=is_partitioned), _any_variant()
        _run("SET session_replication_role = replica")
        _run(_PAST, {"campaign": campaign.pk, "variant": variant})
        _run("SET session_replication_role = DEFAULT")
        filled += PEOPLE
    _run("VACUUM ANALYZE mailer_delivery")
    return filled


def _new_campaign(*, is_partitioned: bool) -> Any:
    campaign = campaign_of_uke_45()
    if is_partitioned:
        first = campaign.pk // TOGETHER * TOGETHER
        _run(
            f"CREATE TABLE IF NOT EXISTS mailer_delivery_{first} PARTITION OF mailer_delivery"
            f" FOR VALUES FROM ({first}) TO ({first + TOGETHER})"
        )
    return campaign


def _any_variant() -> int:
    from mailer.models import Variant

    found = Variant.objects.values_list("pk", flat=True).first()
    if found is None:
        from mailer.sending.launch import launch

        launch(campaign_of_uke_45().pk, by="bench")
        return _any_variant()
    return int(found)


def _campaign(*, is_partitioned: bool) -> dict[str, float]:
    """Launch a campaign, make its rows, and work through it with K processes. Microseconds are PostgreSQL's for one message."""
    from django.db import connections

    from mailer.sending.launch import launch
    from mailer.sending.materialise import make_all_rows

    campaign = _new_campaign(is_partitioned=is_partitioned)
    launch(campaign.pk, by="bench")
    before = _own_backend_seconds()
    make_all_rows(campaign.pk)
    rows = _own_backend_seconds() - before
    # A connection can't be shared with forked processes.
    connections.close_all()
    began = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("fork")) as pool:
        shares = list(pool.map(work_through, [campaign.pk] * WORKERS, range(WORKERS)))
    seconds = time.perf_counter() - began
    if sum(done for done, _ in shares) != PEOPLE:
        raise RuntimeError(f"{shares} were recorded, not {PEOPLE} in all: the figure would mean nothing.")
    return {
        "rows_us": round(rows / PEOPLE * 1e6, 1),
        "work_us": round(sum(used for _, used in shares) / PEOPLE * 1e6, 1),
        "per_s": round(PEOPLE / seconds),
    }


def work_through(campaign_id: int, number: int) -> tuple[int, float]:
    """Lease, take, record and give back until nothing is left, as a worker does for which every relay is infinitely quick.

    Return how many deliveries, and the processor seconds that the database spent on them.
    """
    from mailer.sending.leases import claim, give_back, next_due
    from mailer.sending.recording import Result, record
    from mailer.sending.taking import take

    done, owner = 0, f"simulated-{number}"
    outcome = _sent()
    while (batch_id := next_due(campaign_id)) is not None:
        lease = claim(batch_id, owner=owner)
        if lease is None:
            continue
        found = True
        while found:
            taken, found = take(batch_id=batch_id, limit=400, owner=owner)
            record([Result(item.delivery_id, item.attempt, outcome, "relay") for item in taken], lease)
            done += len(taken)
        give_back(lease)
    return done, _own_backend_seconds()


def _sent() -> Any:
    from django.utils import timezone

    from mailer.sending.outcomes import judge
    from mailer.sending.wire import Reply

    now = timezone.now()
    return judge(Reply("DATA", 250, "2.0.0 Ok: queued as 4XyZ"), attempts=1, first_attempt_at=now, now=now)


def _own_backend_seconds() -> float:
    """What PostgreSQL's process at the other end of our connection used until now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cpu_seconds(psutil.Process(cursor.fetchone()[0]))


def _run(sql: str, values: Mapping[str, int] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values)
