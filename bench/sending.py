"""A campaign on the wire, beside Postfix's smtp-source and Python's smtplib into the same sink: messages a second, as ratios."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.rig import (
    ROOT,
    bench_house,
    bytes_of_a_message,
    campaign_of_half_of_uke_45,
    make_people,
    seconds_until_sent,
    workers,
)
from bench.sink import RunningSink, running_sink

if TYPE_CHECKING:
    from mailer.models import Campaign

RECIPIENTS = 50_000
RUNS = 5
CONNECTIONS = 8
# smtplib composes each message with the email package, which takes milliseconds: fewer of them tell as much.
BY_SMTPLIB = 2_000


def measure(recipients: int = RECIPIENTS, runs: int = RUNS) -> dict[str, float | str]:
    """Return messages a second of ours and of the references, and the ratios of the medians."""
    with bench_house() as folder, running_sink(folder) as sink:
        make_people(recipients)
        ours: list[float] = []
        source: list[float] = []
        library: list[float] = []
        with workers(folder, f"{sink.url}?connections={CONNECTIONS}&per_connection=100000"):
            _, campaign = _ours(sink, recipients)
            bytes_each = bytes_of_a_message(campaign)
            for _ in range(runs):
                ours.append(_ours(sink, recipients)[0])
                if shutil.which("smtp-source"):
                    source.append(_timed(sink, recipients, lambda: _smtp_source(sink, recipients, bytes_each)))
                library.append(_timed(sink, BY_SMTPLIB, lambda: _smtplib(sink, BY_SMTPLIB, bytes_each)))
    rates = {"sending_per_s": statistics.median(ours), "smtplib_per_s": statistics.median(library)}
    found: dict[str, float | str] = {name: round(rate) for name, rate in rates.items()}
    found["sending_message_bytes"] = bytes_each
    found["sending_vs_smtplib"] = round(rates["sending_per_s"] / rates["smtplib_per_s"], 1)
    if source:
        found["smtp_source_per_s"] = round(statistics.median(source))
        found["sending_vs_smtp_source"] = round(rates["sending_per_s"] / statistics.median(source), 2)
    else:
        found["sending_vs_smtp_source"] = "not measured: smtp-source is not here (Debian's package postfix has it)"
    return found


def _ours(sink: RunningSink, recipients: int) -> tuple[float, Campaign]:
    """Messages a second from "launched" to the last outcome committed, and the campaign."""
    from mailer.sending.launch import launch

    campaign = campaign_of_half_of_uke_45()
    before = sink.taken
    launch(campaign.pk, by="bench")
    seconds = seconds_until_sent(campaign)
    if sink.taken - before != recipients:
        raise RuntimeError(
            f"The sink took {sink.taken - before} messages, not {recipients}: the figure would mean nothing."
        )
    return recipients / seconds, campaign


def _timed(sink: RunningSink, messages: int, send: Callable[[], None]) -> float:
    before, began = sink.taken, time.perf_counter()
    send()
    seconds = time.perf_counter() - began
    if sink.taken - before != messages:
        raise RuntimeError(
            f"The sink took {sink.taken - before} messages, not {messages}: the figure would mean nothing."
        )
    return messages / seconds


def _smtp_source(sink: RunningSink, messages: int, size: int) -> None:
    subprocess.run(
        [
            shutil.which("smtp-source") or "smtp-source",
            "-d",
            "-s",
            str(CONNECTIONS),
            "-m",
            str(messages),
            "-l",
            str(size),
            f"inet:127.0.0.1:{sink.port}",
        ],
        check=True,
    )


def _smtplib(sink: RunningSink, messages: int, size: int) -> None:
    """Two processes with four connections each, as ours."""
    share = str(messages // CONNECTIONS)
    command = [sys.executable, "-m", "bench.by_smtplib", str(sink.port), str(CONNECTIONS // 2), share, str(size)]
    for process in [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]:
        if process.wait():
            raise RuntimeError("smtplib failed")


if __name__ == "__main__":
    import json

    number = int(sys.argv[1]) if len(sys.argv) > 1 else RECIPIENTS
    print(json.dumps(measure(number, int(sys.argv[2]) if len(sys.argv) > 2 else RUNS), indent=2))  # noqa: T201, PLR2004
