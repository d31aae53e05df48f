"""The Celery tasks of sending: an id comes in, one function is called."""

from __future__ import annotations

from celery import shared_task

from mailer.sending.batches import take_turn
from mailer.sending.dispatch import queue_rows
from mailer.sending.materialise import make_all_rows
from mailer.sending.stopping import is_stopping
from mailer.sending.sweep import sweep_all


@shared_task
def send_batch(batch_id: int) -> None:
    """Send what is due for a while, in a campaign whose turn it is. The batch tells why this was queued; another may come first."""
    take_turn()


@shared_task
def make_rows(campaign_id: int) -> None:
    """Make the delivery rows of a campaign, or let the next worker go on where this one was told to stop."""
    make_all_rows(campaign_id)
    if is_stopping():
        queue_rows(campaign_id)


@shared_task
def sweep() -> None:
    """Take up again what was left lying."""
    sweep_all()
