"""The Celery tasks of mails to single people: an id comes in, one function is called."""

from __future__ import annotations

from celery import shared_task

from mailer.transactional.delivery import deliver
from mailer.transactional.queueing import queue_due, queue_mail


@shared_task
def deliver_mail(*owed_ids: int) -> None:
    """Send owed mails one after the other, and queue each again that has to wait a little."""
    for owed_id in owed_ids:
        wait = deliver(owed_id)
        # A longer wait is the sweep's: Redis hands a task out again after its visibility timeout.
        if wait is not None and wait.total_seconds() < 600:  # noqa: PLR2004  # ten minutes, a sixth of that timeout
            queue_mail(owed_id, countdown=wait.total_seconds())


@shared_task
def sweep_mail() -> None:
    """Take up again what was left lying."""
    queue_due()
