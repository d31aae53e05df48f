"""Telling the workers that there is something to do. Only a hint: what is to be done stands in PostgreSQL."""

from __future__ import annotations

import logging

from celery import current_app
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from mailer.models import Batch, Campaign

logger = logging.getLogger(__name__)

# By name, so that the task may import the work and the work may queue the task.
_SEND_BATCH = "mailer.sending.tasks.send_batch"


def queue_batches(campaign_id: int | None = None) -> int:
    """Queue a task for each batch that is due and leased by nobody. Return how many. Queueing one twice does no harm.

    When Redis can't be reached nothing is raised: the batches are due all the same, and the sweep queues them later.
    """
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    due = Batch.objects.filter(free, due_at__lte=now, campaign__status=Campaign.Status.SENDING)
    if campaign_id is not None:
        due = due.filter(campaign_id=campaign_id)
    queued = 0
    for batch_id in due.values_list("pk", flat=True).iterator():
        try:
            current_app.send_task(_SEND_BATCH, args=[batch_id])
        except OperationalError as problem:
            logger.warning("the queue can't be reached, the sweep will try again: %s", problem)
            break
        queued += 1
    return queued
