"""The canary: a few get the letter first (`first_readers.py`), and the rest waits to see how they fare.

The pause lifts itself when it is over, and becomes a real one when more of the first were refused than the setting CANARY_REFUSALS_PERCENT
allows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from mailer.models import Batch, Campaign, Delivery
from mailer.sending.dispatch import queue_batches
from mailer.sending.states import change_status


def watch_canaries() -> None:
    """Look after every campaign whose rest waits: begin the pause, lift it, or stop. Doing it twice does no harm."""
    waiting = Campaign.objects.filter(
        status=Campaign.Status.SENDING, batches__is_canary=False, batches__due_at=None, batches__given_back_at=None
    ).filter(pk__in=Batch.objects.filter(is_canary=True).values("campaign_id"))
    for campaign in waiting.distinct():
        _watch(campaign)


def _watch(campaign: Campaign) -> None:
    now = timezone.now()
    if campaign.canary_ends_at is None:
        if _first_ones_are_through(campaign):
            campaign.canary_ends_at = now + timedelta(minutes=campaign.canary_minutes)
            Campaign.objects.filter(pk=campaign.pk, canary_ends_at=None).update(
                canary_ends_at=campaign.canary_ends_at, held_because=pause_in_words(campaign)
            )
        return
    refused, tried = _refusals(campaign)
    if tried and 100 * refused / tried > settings.CANARY_REFUSALS_PERCENT:
        _stop(campaign, refused, tried)
    elif campaign.canary_ends_at <= now:
        let_the_rest_go(campaign.pk)


def pause_in_words(campaign: Campaign) -> str:
    """Return for what the rest of a campaign waits while its first have theirs; empty when there is no such pause, or no longer."""
    ends = campaign.canary_ends_at
    return "" if ends is None or ends <= timezone.now() else _pause_until(ends)


def is_only_the_pause(campaign: Campaign) -> bool:
    """Tell whether what holds a campaign is the canary's pause, and not something that is wrong."""
    ends = campaign.canary_ends_at
    return ends is not None and campaign.held_because == _pause_until(ends)


def wait_in_words(minutes: int) -> str:
    """Return how long the rest of a campaign waits for its first."""
    more = {0: "", 1: ", and a minute more"}.get(minutes, f", and {minutes} minutes more")
    return f"waits until each of these has been tried{more}, and then follows by itself"


def limit_in_words() -> str:
    """Return what would stop the rest of a campaign."""
    return (
        f"If more than {settings.CANARY_REFUSALS_PERCENT:g} in a hundred of the first are refused, it stops, "
        "and goes on only when somebody says so."
    )


def _pause_until(ends: datetime) -> str:
    return f"The first have theirs; the rest follows at {timezone.localtime(ends):%H:%M}."


def _first_ones_are_through(campaign: Campaign) -> bool:
    first = Batch.objects.filter(campaign=campaign, is_canary=True)
    untried = Delivery.objects.filter(
        campaign=campaign,
        batch__in=first,
        status__in=[Delivery.Status.PENDING, Delivery.Status.SENDING],
    )
    return not first.filter(is_made=False).exists() and not untried.exists()


def _refusals(campaign: Campaign) -> tuple[int, int]:
    first = Batch.objects.filter(campaign=campaign, is_canary=True)
    counted = Delivery.objects.filter(campaign=campaign, batch__in=first, attempts__gt=0).aggregate(
        refused=Count("pk", filter=Q(status__in=[Delivery.Status.FAILED, Delivery.Status.DEFERRED])), tried=Count("pk")
    )
    return counted["refused"], counted["tried"]


@transaction.atomic
def _stop(campaign: Campaign, refused: int, tried: int) -> None:
    why = (
        f"Stopped by itself: {refused} of the first {tried} letters were refused; the limit is "
        f"{settings.CANARY_REFUSALS_PERCENT} in a hundred. `campaign resume` lets the rest go all the same."
    )
    Campaign.objects.filter(pk=campaign.pk).update(held_because=why)
    change_status(campaign.pk, Campaign.Status.PAUSED, by="canary")


@transaction.atomic
def let_the_rest_go(campaign_id: int) -> None:
    """End the canary's pause: every batch that waits for it becomes due."""
    Campaign.objects.filter(pk=campaign_id).update(held_because="", canary_ends_at=timezone.now())
    Batch.objects.filter(campaign_id=campaign_id, is_canary=False, due_at=None, given_back_at=None).update(
        due_at=timezone.now()
    )
    transaction.on_commit(lambda: queue_batches(campaign_id))
