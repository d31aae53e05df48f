"""What was left lying is taken up again: launches cut short, batches whose lease ran out, deferred deliveries that are due.

Each step, and each campaign, by itself: what one of them stumbles over holds up none of the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial

from django.db import connection

from mailer.models import Batch, Campaign
from mailer.sending.batches import finish_if_done
from mailer.sending.burying import bury_the_dead
from mailer.sending.canary import watch_canaries
from mailer.sending.dispatch import queue_batches, queue_rows
from mailer.sending.launch import take_up_launch
from mailer.sending.settling import settle_cancelled
from mailer.sending.stale import stop_stale

logger = logging.getLogger(__name__)


def sweep_all() -> int:
    """Finish interrupted launches and queue every batch with something due. Return how many batches were queued.

    PostgreSQL is the truth: after this, nothing is lost that Redis or a dead worker forgot. Running it twice does no harm.
    """
    queued: list[int] = []
    _do("asking about what stood still", stop_stale)
    _do("settling what dead workers left", bury_the_dead)
    _do("settling what was cancelled", settle_cancelled)
    _do("launching", lambda: _for_each(_in_status(Campaign.Status.LAUNCHING), take_up_launch))
    _do("looking after canaries", watch_canaries)
    _do("queueing rows to be made", lambda: _for_each(_without_rows(), queue_rows))
    _do("queueing batches", lambda: queued.append(queue_batches()))
    _do("ending campaigns", lambda: _for_each(_in_status(Campaign.Status.SENDING), finish_if_done))
    return sum(queued)


def _in_status(status: Campaign.Status) -> Iterable[int]:
    return list(Campaign.objects.filter(status=status).values_list("pk", flat=True))


def _without_rows() -> Iterable[int]:
    return list(Batch.objects.filter(is_made=False).values_list("campaign_id", flat=True).distinct())


def _for_each(campaign_ids: Iterable[int], work: Callable[[int], object]) -> None:
    for campaign_id in campaign_ids:
        _do(f"campaign {campaign_id}", partial(work, campaign_id))


def _do(what: str, work: Callable[[], object]) -> None:
    try:
        work()
    except Exception:
        logger.exception("the sweep stumbled (%s); it comes by again", what)
        # The next step is to find a connection that works, if there is one.
        connection.close_if_unusable_or_obsolete()
