"""How a figure is taken: some runs that don't count, then the median of those that do."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

RUNS = 5


def median_seconds(work: Callable[[], object], *, runs: int = RUNS, warm_up: int = 1) -> float:
    """Return the median of how long `work` takes, in seconds of wall time."""
    for _ in range(warm_up):
        work()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
