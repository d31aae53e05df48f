"""Someone leaves: off the list at once, and out of every campaign that has not reached them yet."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from mailer.models import Campaign, Delivery, Feedback
from subscribers.models import Subscriber
from subscribers.preferences import unsubscribe
from subscribers.tokens import Holder


@transaction.atomic
def leave(holder: Holder, *, source: str) -> Subscriber | None:
    """Take the holder of an unsubscribe token off the list, and skip what is still queued for them.

    Return the person, or None when no such person is left. Doing it twice changes nothing.
    """
    subscriber = unsubscribe(holder.subscriber_id, source=source)
    if subscriber is None:
        return None
    # A delivery in `sending` is on the wire: it can't be called back, and the worker records what became of it.
    waiting = Delivery.objects.filter(
        subscriber=subscriber, status__in=[Delivery.Status.PENDING, Delivery.Status.DEFERRED]
    )
    waiting.update(
        status=Delivery.Status.SKIPPED,
        skip_reason=Subscriber.Status.UNSUBSCRIBED,
        next_attempt_at=None,
        finished_at=timezone.now(),
    )
    campaign = Campaign.objects.filter(pk=holder.campaign_id).first()
    Feedback.objects.get_or_create(
        unique_id=f"unsubscribe:{holder.campaign_id}:{subscriber.pk}",
        defaults={
            "kind": Feedback.Kind.UNSUBSCRIBE,
            "subscriber": subscriber,
            "campaign": campaign,
            "delivery": Delivery.objects.filter(campaign=campaign, subscriber=subscriber).first() if campaign else None,
            "source": source,
        },
    )
    return subscriber
