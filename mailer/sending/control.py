"""Pause, go on, cancel: what a person may do to a campaign under way. Each is written down with who did it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from mailer.models import Batch, Campaign, CampaignTransition
from mailer.sending.canary import let_the_rest_go, pause_in_words
from mailer.sending.cancelled import skip_in_campaign
from mailer.sending.dispatch import queue_batches
from mailer.sending.materialise import make_rows
from mailer.sending.states import change_status


def pause(campaign_id: int, *, by: str) -> bool:
    """Begin no new message, on any worker, from a second from now. Return False when it was paused already. Raises StateError."""
    return change_status(campaign_id, Campaign.Status.PAUSED, by=by)


def resume(campaign_id: int, *, by: str) -> bool:
    """Go on where the campaign was paused. Return False when it was sending already. Raises StateError.

    Where a canary's refusals had stopped it, the rest goes now.
    """
    paused = frozenset({str(Campaign.Status.PAUSED)})
    changed = change_status(campaign_id, Campaign.Status.SENDING, by=by, only_from=paused)
    if changed and CampaignTransition.objects.filter(campaign_id=campaign_id, by="canary").exists():
        let_the_rest_go(campaign_id)
    if changed:
        # For what it was paused is over. What is wrong still, workers tell anew.
        campaign = Campaign.objects.get(pk=campaign_id)
        Campaign.objects.filter(pk=campaign_id).update(held_because=pause_in_words(campaign))
    queue_batches(campaign_id)
    return changed


def cancel(campaign_id: int, *, by: str) -> int:
    """End a campaign: whoever has not got the letter does not get it. Return how many those are. It can't be taken back.

    Raises StateError when the campaign has ended. A message on the wire at this moment still goes, and its outcome is recorded.
    """
    # Committed before anybody is skipped: a worker that puts deliveries back after this sees it, and skips them itself
    # (`cancelled.skip_in_batch`); what was put back before is skipped here.
    change_status(campaign_id, Campaign.Status.CANCELLED, by=by)
    return end_cancelled(campaign_id)


@transaction.atomic
def end_cancelled(campaign_id: int) -> int:
    """Skip everybody who waits in a cancelled campaign, and note that it has ended. Return how many were skipped."""
    # Rows for those who have none yet: each of them must be there with the reason.
    make_rows(
        campaign_id, list(Batch.objects.filter(campaign_id=campaign_id, is_made=False).values_list("pk", flat=True))
    )
    skipped = skip_in_campaign(campaign_id)
    Campaign.objects.filter(pk=campaign_id).update(finished_at=timezone.now())
    return skipped
