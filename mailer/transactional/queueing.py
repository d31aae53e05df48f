"""Telling the workers that a mail is owed. Only a hint: the row counts, and the sweep finds what nobody was told of."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

from celery import current_app
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from subscribers.models import OwedMail

logger = logging.getLogger(__name__)

# By name, so that the task may import the work and the work may queue the task.
_DELIVER = "mailer.transactional.tasks.deliver_mail"
# In seconds. Of many mails the first is told of at once, and those that come within this time after it together: to tell the queue
# costs as much as everything else about a sign-up.
_TOGETHER = 0.1
# In one task, which one worker does by itself.
_MOST_TOGETHER = 25


def queue_mail(*owed_ids: int, countdown: float = 0.0) -> bool:
    """Queue the sending of owed mails. Tell whether the queue could be reached; nothing is raised and nothing lost if not."""
    try:
        current_app.send_task(_DELIVER, args=owed_ids, countdown=countdown or None, retry=False, ignore_result=True)
    except OperationalError as problem:
        logger.warning("the queue can't be reached, the sweep will try again: %s", problem)
        return False
    return True


class _Hints:
    """What the workers are still to be told of. A process that dies with some leaves them to the sweep."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[int] = []
        self._soon: threading.Timer | None = None

    def tell(self, owed_id: int) -> None:
        with self._lock:
            # In a process that was forked meanwhile the thread of its parent is not alive.
            if self._soon is not None and self._soon.is_alive():
                self._waiting.append(owed_id)
                return
            self._tell_soon()
        queue_mail(owed_id)

    def _tell_soon(self) -> None:
        self._soon = threading.Timer(_TOGETHER, self._tell_waiting)
        self._soon.start()

    def _tell_waiting(self) -> None:
        with self._lock:
            waiting, self._waiting, self._soon = self._waiting, [], None
            if waiting:
                self._tell_soon()
        _queue_all(waiting)


def _queue_all(owed_ids: Sequence[int]) -> int:
    """Return how many could be queued."""
    for start in range(0, len(owed_ids), _MOST_TOGETHER):
        if not queue_mail(*owed_ids[start : start + _MOST_TOGETHER]):
            return start
    return len(owed_ids)


_hints = _Hints()


def on_mail_owed(sender: object, owed_id: int, **named: Any) -> None:
    """The receiver of `subscribers.signals.mail_owed`."""
    _hints.tell(owed_id)


def queue_due() -> int:
    """Queue every owed mail that is due and that nobody is at. Return how many. Queueing one twice does no harm."""
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    queued = 0
    for owed_id in OwedMail.objects.filter(free, due_at__lte=now).values_list("pk", flat=True).iterator():
        if not queue_mail(owed_id):
            break
        queued += 1
    return queued
