"""The same campaign over a link with a delay, ours beside smtplib with as many connections: messages a second, as a ratio.

The round trip is 20 ms: 10 ms there and 10 ms back (bench/delay.py). Where 20 ms is meant each way, a round trip takes 40 ms: that is
measured too. Over either link smtplib waits for four round trips a message (MAIL, RCPT, DATA and the final dot), ours for one.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.delay import megabytes_per_second, slow_link
from bench.rig import (
    ROOT,
    WORKERS,
    bench_house,
    bytes_of_a_message,
    campaign_of_half_of_uke_45,
    make_people,
    seconds_until_sent,
    workers,
)
from bench.sink import RunningSink, running_sink

# Whole batches, as many for each worker process: smtplib's shares are equal too.
RECIPIENTS = 16_000
RUNS = 5
ROUND_TRIP = 0.02
CONNECTIONS_PER_WORKER = 16
CONNECTIONS = WORKERS * CONNECTIONS_PER_WORKER
# A tenth of ours would take as long as all of ours.
BY_SMTPLIB = 3_200


def measure(recipients: int = RECIPIENTS, runs: int = RUNS) -> dict[str, float]:
    """Return messages a second of ours and of smtplib over both links, and the ratios of the medians."""
    with bench_house() as folder, running_sink(folder) as sink:
        make_people(recipients)
        size = _bytes_of_a_message()
        ours, library = _rates(folder, sink, (ROUND_TRIP, recipients, runs, size))
        ours_slower, library_slower = _rates(folder, sink, (2 * ROUND_TRIP, recipients, 1, size))
    return {
        "slow_link_per_s": round(ours),
        "slow_link_smtplib_per_s": round(library),
        "slow_link_vs_smtplib": round(ours / library, 1),
        "slow_link_40ms_vs_smtplib": round(ours_slower / library_slower, 1),
        "slow_link_proxy_mb_per_s": round(megabytes_per_second(ROUND_TRIP)),
    }


def _rates(folder: Path, sink: RunningSink, task: tuple[float, int, int, int]) -> tuple[float, float]:
    """Medians of ours and of smtplib, taken in turn. The task: round trip (seconds), recipients, runs, bytes of a message."""
    round_trip, recipients, runs, size = task
    ours, library = [], []
    with slow_link(sink.port, round_trip=round_trip) as port:
        url = f"smtp://127.0.0.1:{port}?connections={CONNECTIONS}&per_connection=100000"
        with workers(folder, url, CONNECTIONS_PER_WORKER=str(CONNECTIONS_PER_WORKER)):
            _rate(sink, recipients, _ours)
            for _ in range(runs):
                ours.append(_rate(sink, recipients, _ours))
                library.append(_rate(sink, BY_SMTPLIB, lambda: _smtplib(port, size)))
    return statistics.median(ours), statistics.median(library)


def _rate(sink: RunningSink, messages: int, send: Callable[[], float]) -> float:
    before = sink.taken
    seconds = send()
    if sink.taken - before != messages:
        raise RuntimeError(
            f"The sink took {sink.taken - before} messages, not {messages}: the figure would mean nothing."
        )
    return messages / seconds


def _bytes_of_a_message() -> int:
    from mailer.sending.control import cancel
    from mailer.sending.launch import launch

    campaign = campaign_of_half_of_uke_45()
    launch(campaign.pk, by="bench")
    cancel(campaign.pk, by="bench")
    return bytes_of_a_message(campaign)


def _ours() -> float:
    """From "launched" to the last outcome committed, in seconds."""
    from mailer.sending.launch import launch

    campaign = campaign_of_half_of_uke_45()
    launch(campaign.pk, by="bench")
    return seconds_until_sent(campaign)


def _smtplib(port: int, size: int) -> float:
    """From the first message composed to the last answer, in seconds, in as many processes and connections as ours."""
    share = str(BY_SMTPLIB // CONNECTIONS)
    command = [sys.executable, "-m", "bench.by_smtplib", str(port), str(CONNECTIONS_PER_WORKER), share, str(size)]
    began = time.perf_counter()
    for process in [subprocess.Popen(command, cwd=ROOT) for _ in range(WORKERS)]:
        if process.wait():
            raise RuntimeError("smtplib failed")
    return time.perf_counter() - began


if __name__ == "__main__":
    import json

    number = int(sys.argv[1]) if len(sys.argv) > 1 else RECIPIENTS
    print(json.dumps(measure(number, int(sys.argv[2]) if len(sys.argv) > 2 else RUNS), indent=2))  # noqa: T201, PLR2004
