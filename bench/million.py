"""A campaign of a million: how soon the first letter is on the wire, when all rows are made, and how much memory a worker takes."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import psutil

from bench.rig import bench_house, campaign_of_uke_45, make_people, seconds_until_sent, workers
from bench.sink import running_sink

if TYPE_CHECKING:
    from pathlib import Path

    from bench.sink import RunningSink

MANY, FEW = 1_000_000, 1_000


def measure(many: int = MANY) -> dict[str, float]:
    """Return the figures, each measured once. Sends all of the letters into a sink that only counts."""
    with bench_house() as folder, running_sink(folder) as sink:
        few = _send(folder, sink, FEW)
        lots = _send(folder, sink, many)
    return {
        "launch_1m_first_on_wire_s": lots["first_on_wire_s"],
        "launch_1m_launched_s": lots["launched_s"],
        "launch_1m_rows_s": lots["rows_s"],
        "sending_1m_per_s": lots["per_s"],
        "worker_mb_at_1k": few["worker_mb"],
        "worker_mb_at_1m": lots["worker_mb"],
    }


def _send(folder: Path, sink: RunningSink, recipients: int) -> dict[str, float]:
    from mailer.models import Batch
    from mailer.sending.launch import launch

    make_people(recipients)
    # Workers of their own for each size: memory is told from a fresh start.
    with workers(folder, f"{sink.url}?connections=8&per_connection=100000") as worker:
        campaign = campaign_of_uke_45()
        before, began = sink.taken, time.perf_counter()
        launch(campaign.pk, by="bench")
        launched = time.perf_counter() - began
        while sink.taken == before:
            time.sleep(0.005)
        first = time.perf_counter() - began
        while Batch.objects.filter(campaign=campaign, is_made=False).exists():
            time.sleep(0.05)
        rows = time.perf_counter() - began
        seconds_until_sent(campaign, limit=3600)
        seconds = time.perf_counter() - began
        processes = psutil.Process(worker).children(recursive=True)
        megabytes = max(process.memory_info().rss for process in processes) / 1e6
    return {
        "first_on_wire_s": round(first, 2),
        "launched_s": round(launched, 2),
        "rows_s": round(rows, 1),
        "per_s": round(recipients / seconds),
        "worker_mb": round(megabytes),
    }


if __name__ == "__main__":
    import json

    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else MANY), indent=2))  # noqa: T201
