"""When PostgreSQL is away for a moment, workers wait for it and go on: what they hold is worth more than their time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from mailer.sending.stopping import is_stopping

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

# A restart takes seconds, a move to another machine minutes. After this the task fails, and the journal keeps what it holds.
_LONGEST_SECONDS = 600.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
# A worker that is told to stop has ten seconds for everything: what it can't record stands in its journal.
_STOPPING_SECONDS = 2.0


def patiently(work: Callable[[], Answer], *, seconds: float = _LONGEST_SECONDS) -> Answer:
    """Do `work` with the database, again and again while the database can't be reached, for so many seconds.

    `work` must be one that may be done twice: nobody knows whether the first time was committed. Raises what the last try raised.
    """
    end = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError) as problem:
            if is_stopping():
                end = min(end, time.monotonic() + _STOPPING_SECONDS)
                pause = _FIRST_PAUSE
            if time.monotonic() >= end or connection.in_atomic_block:
                raise
            logger.warning("waiting for the database: %s", str(problem).strip())
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
