"""Telling the workers that a mail is owed. Only a hint: the row counts, and the sweep finds what nobody was told of."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from subscribers.models import OwedMail

logger = logging.getLogger(__name__)

# By name, so that the task may import the work and the work may queue the task.
_DELIVER = "mailer.transactional.tasks.deliver_mail"


def queue_mail(owed_id: int, *, countdown: float = 0.0) -> bool:
    """Queue the sending of one owed mail. Tell whether the queue could be reached; nothing is raised and nothing lost if not."""
    try:
        current_app.send_task(_DELIVER, args=[owed_id], countdown=countdown or None, retry=False, ignore_result=True)
    except OperationalError as problem:
        logger.warning("the queue can't be reached, the sweep will try again: %s", problem)
        return False
    return True


def on_mail_owed(sender: object, owed_id: int, **named: Any) -> None:
    """The receiver of `subscribers.signals.mail_owed`."""
    queue_mail(owed_id)


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
