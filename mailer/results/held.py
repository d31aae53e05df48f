"""What holds a campaign, and what comes next: so that nobody has to guess whether something is to be done."""

from __future__ import annotations

from django.db.models import Min, Q
from django.utils import timezone

from mailer.models import Batch, Campaign
from mailer.results.waiting import from_when
from mailer.sending.canary import is_only_the_pause


def held(campaign: Campaign) -> str:
    """Return why a campaign is held, and what comes next; empty when it is not, or only waits for those who go first."""
    why = campaign.held_because
    if not why or is_only_the_pause(campaign):
        return ""
    next_try = _next_try(campaign) if campaign.status == Campaign.Status.SENDING else ""
    # Without a next try somebody is to decide, and the reason says what.
    return f"{why.rstrip('.')}. It goes on by itself: {next_try}. Nobody has failed because of it." if next_try else why


def _next_try(campaign: Campaign) -> str:
    asked = Batch.objects.filter(campaign=campaign).aggregate(
        due=Min("due_at"), leased=Min("pk", filter=~Q(lease_owner=""))
    )
    if asked["leased"] is not None or (asked["due"] is not None and asked["due"] <= timezone.now()):
        return "it is being tried again now"
    return f"the next try is {from_when(asked['due'])}" if asked["due"] is not None else ""
