"""Each worker process keeps to its share of the machine's processors, and its threads don't push each other aside there.

Its threads take turns at Python's lock anyway, and the kernel moves them about: each move leaves behind what the processor has in its cache
of the letters and of Python itself. With a processor of its own for each of two processes a third more messages go in a second.
Its weakness: what else the machine has to do can't push a worker aside to where there is room.

A thread whose answer has come would by Linux's rules take the processor from the one at work, only to wait for Python's lock, which that
one holds. As a batch process (sched(7), SCHED_BATCH) it waits until the processor is free: a twentieth more messages a second.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from typing import Any

from billiard.process import current_process
from celery.signals import celeryd_after_setup, worker_process_init
from django.conf import settings

_processes = 0


def share_of(index: int, processes: int, allowed: Collection[int]) -> set[int]:
    """Return which of the `allowed` processors are for the process number `index` (from 0) of so many: as many for each, none twice.

    Where there are more processes than processors, several have the same one.
    """
    order = sorted(allowed)
    each = max(len(order) // processes, 1)
    start = index * each % len(order)
    return set(order[start : start + each])


@celeryd_after_setup.connect
def _count(instance: Any, **kwargs: object) -> None:
    # Known to the children, which are forked after this.
    global _processes  # noqa: PLW0603  # one worker a process tree
    _processes = instance.concurrency


@worker_process_init.connect
def _push_nobody_aside(**kwargs: object) -> None:
    # Linux only, and not in every container. The threads to come inherit it.
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


@worker_process_init.connect
def _keep_to_our_share(**kwargs: object) -> None:
    index = getattr(current_process(), "index", None)
    if settings.WORKERS_KEEP_TO_PROCESSORS and index is not None and _processes > 1:
        # Not on every system, and not in every container.
        with contextlib.suppress(AttributeError, OSError):
            os.sched_setaffinity(0, share_of(index, _processes, os.sched_getaffinity(0)))
