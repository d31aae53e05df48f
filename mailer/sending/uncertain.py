"""What a person decides about deliveries of which nobody knows whether the relay took them (setting UNCERTAIN=hold)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from mailer.models import Batch, Campaign, Delivery
from mailer.sending.batches import finish_if_done
from mailer.sending.cancelled import MAY_HAVE_GOT_IT
from mailer.sending.dispatch import queue_batches
from mailer.sending.states import StateError
from mailer.sending.tallies import forget_tallies

# What such a delivery says for itself once it was left as it is.
LEFT_REASON = MAY_HAVE_GOT_IT


@transaction.atomic
def send_again(campaign_id: int) -> int:
    """Let all uncertain deliveries of a campaign go again, with the same Message-ID. Return how many. Raises StateError."""
    uncertain = _uncertain(campaign_id)
    batches = set(uncertain.values_list("batch", flat=True))
    # Counted from the start, since it was a person who wanted it this time; but once: the first copy may have arrived.
    changed = uncertain.update(status=Delivery.Status.PENDING, next_attempt_at=None, uncertain=1)
    Batch.objects.filter(pk__in=batches).update(due_at=timezone.now(), tally=None)
    Campaign.objects.filter(pk=campaign_id).update(held_because="")
    transaction.on_commit(lambda: queue_batches(campaign_id))
    return changed


def leave(campaign_id: int) -> int:
    """Leave all uncertain deliveries of a campaign as they are: who did not get it goes without. Return how many. Raises StateError."""
    with transaction.atomic():
        uncertain = _uncertain(campaign_id)
        batches = set(uncertain.values_list("batch", flat=True))
        changed = uncertain.update(
            status=Delivery.Status.SKIPPED, skip_reason=LEFT_REASON, finished_at=timezone.now(), next_attempt_at=None
        )
        forget_tallies(campaign_id, batches)
        Campaign.objects.filter(pk=campaign_id).update(held_because="")
    finish_if_done(campaign_id)
    return changed


def _uncertain(campaign_id: int) -> QuerySet[Delivery]:
    # Locked, so that it is not cancelled in between: what was made pending after that would stay so.
    status = Campaign.objects.select_for_update().values_list("status", flat=True).get(pk=campaign_id)
    if status not in {Campaign.Status.SENDING, Campaign.Status.PAUSED}:
        raise StateError(f"Campaign {campaign_id} is {status}: there is nothing to decide about any more.")
    return Delivery.objects.filter(campaign_id=campaign_id, status=Delivery.Status.UNCERTAIN)
