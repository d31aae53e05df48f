"""Whether this worker has been told to stop: the message on the wire is ended, and no new one is begun.

Celery's main process gets the signal, its children do the work; an octet of memory that both share carries the news. An event would do
it with a lock, for which all lanes of all children would queue before each message.
"""

from __future__ import annotations

import mmap

from celery.signals import worker_init, worker_shutting_down

_stop: mmap.mmap | None = None


@worker_init.connect
def _prepare(**kwargs: object) -> None:
    # Before the children are forked, which inherit it.
    global _stop  # noqa: PLW0603  # one worker a process tree
    _stop = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def _tell(**kwargs: object) -> None:
    if _stop is not None:
        _stop[0] = 1


def is_stopping() -> bool:
    """Tell whether no new message should be begun."""
    return _stop is not None and _stop[0] == 1
