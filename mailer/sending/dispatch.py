"""Telling the workers that there is something to do. Only a hint: what is to be done stands in PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from celery import current_app
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from mailer.models import Batch, Campaign
from mailer.sending.shared import configured_shared

logger = logging.getLogger(__name__)

# By name, so that the task may import the work and the work may queue the task.
_SEND_BATCH = "mailer.sending.tasks.send_batch"
_MAKE_ROWS = "mailer.sending.tasks.make_rows"
# A task is the turn of one worker, which looks itself for what waits longest, and queues its next turn: about as many as there are workers
# are enough. Where there are more of them, the next sweeps wake the others.
_AT_ONCE = 16
_WAITING = "return redis.call('LLEN', ARGV[1])"


def queue_batches(campaign_id: int | None = None, *, most: int = _AT_ONCE) -> int:
    """Queue turns for batches that are due and leased by nobody, at most so many. Return how many. Queueing one twice does no harm.

    As many as there is room for, so that no sweep piles up what workers that are busy have not taken yet; one in any case.

    When Redis can't be reached nothing is raised: the batches are due all the same, and the sweep queues them later.
    """
    most = min(most, max(_AT_ONCE - _waiting(), 1))
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    due = Batch.objects.filter(free, due_at__lte=now, campaign__status=Campaign.Status.SENDING)
    if campaign_id is not None:
        due = due.filter(campaign_id=campaign_id)
    return _queue(_SEND_BATCH, due.order_by("due_at", "campaign_id", "number").values_list("pk", flat=True)[:most])


def queue_next_turn(batch_id: int) -> int:
    """Queue another turn after one that found more to do than it had time for, unless enough wait. Return how many were queued."""
    return _queue(_SEND_BATCH, [batch_id]) if _waiting() < _AT_ONCE else 0


def _waiting() -> int:
    """Return how many tasks wait in the queue of sending; 0 when Redis is away."""
    return int(configured_shared().run(_WAITING, (), [settings.SENDING_QUEUE]) or 0)


def queue_rows(campaign_id: int, *, in_seconds: float = 0.0) -> int:
    """Queue the making of a campaign's delivery rows, to be begun so much later."""
    return _queue(_MAKE_ROWS, [campaign_id], in_seconds=in_seconds)


def _queue(task: str, ids: Iterable[int], *, in_seconds: float = 0.0) -> int:
    queued = 0
    try:
        with current_app.producer_or_acquire() as producer:
            for one in ids:
                current_app.send_task(task, args=[one], producer=producer, countdown=in_seconds or None)
                queued += 1
    except OperationalError as problem:
        logger.warning("the queue can't be reached, the sweep will try again: %s", problem)
    return queued
