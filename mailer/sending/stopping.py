"""Whether this worker has been told to stop: the message on the wire is ended, and no new one is begun.

Celery's main process gets the signal, its children do the work; an event that both share carries the news.
"""

from __future__ import annotations

from typing import Any

from billiard import Event
from celery.signals import worker_init, worker_shutting_down

_stop: Any = None


@worker_init.connect
def _prepare(**kwargs: object) -> None:
    # Before the children are forked, which inherit it.
    global _stop  # noqa: PLW0603  # one worker a process tree
    _stop = Event()


@worker_shutting_down.connect
def _tell(**kwargs: object) -> None:
    if _stop is not None:
        _stop.set()


def is_stopping() -> bool:
    """Tell whether no new message should be begun."""
    return _stop is not None and bool(_stop.is_set())
