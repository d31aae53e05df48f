"""The Celery tasks of sending: an id comes in, one function is called."""

from __future__ import annotations

from celery import shared_task

from mailer.sending.batches import work_batch
from mailer.sending.sweep import sweep_all


@shared_task
def send_batch(batch_id: int) -> None:
    """Send what is due in a batch."""
    work_batch(batch_id)


@shared_task
def sweep() -> None:
    """Take up again what was left lying."""
    sweep_all()
