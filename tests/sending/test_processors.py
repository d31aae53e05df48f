"""Each worker process has its share of the processors, and none has all of them."""

import os
import time

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.sending.processors import share_of


@given(st.sets(st.integers(0, 200), min_size=1), st.integers(1, 50))
def test_processors_are_shared_out_evenly_and_all_have_some(allowed, processes):
    shares = [share_of(index, processes, allowed) for index in range(processes)]
    assert all(shares)
    assert set().union(*shares) <= allowed
    counts = [sum(processor in share for share in shares) for processor in allowed]
    if processes <= len(allowed):
        assert max(counts) == 1
        assert {len(share) for share in shares} == {len(allowed) // processes}
    else:
        assert max(counts) - min(counts) <= 1


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="This system does not let a process choose its processors."
)
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="There is one processor for all.")
def test_two_worker_processes_keep_to_different_processors(celery_worker_process):
    def shares() -> list[set[int]]:
        return [set(child.cpu_affinity()) for child in psutil.Process(celery_worker_process.pid).children()]

    # A worker says that it is ready before its processes have all begun.
    end = time.monotonic() + 10
    while set.intersection(*shares()) and time.monotonic() < end:
        time.sleep(0.1)
    first, second = shares()
    assert first
    assert not first & second


@pytest.mark.skipif(
    not hasattr(os, "sched_getscheduler"), reason="This system does not let a process choose how it is scheduled."
)
def test_the_threads_of_a_worker_process_push_nobody_aside(celery_worker_process):
    def policies() -> set[int]:
        return {os.sched_getscheduler(child.pid) for child in psutil.Process(celery_worker_process.pid).children()}

    end = time.monotonic() + 10
    while policies() != {os.SCHED_BATCH} and time.monotonic() < end:
        time.sleep(0.1)
    assert policies() == {os.SCHED_BATCH}
