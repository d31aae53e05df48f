"""A canary as it stands: how many get a campaign first, and how many wait for them, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from mailer.models import Batch, Campaign
from mailer.sending.canary import limit_in_words, wait_in_words


@dataclass(frozen=True, slots=True)
class FirstOnes:
    """Those who get it first, while the rest waits; `ends_at` is None until each of the first has been tried."""

    first: int
    rest: int
    minutes: int
    ends_at: datetime | None

    def in_words(self) -> str:
        """Who goes first, how long the others wait, and what would stop them."""
        if self.ends_at is None:
            return f"First: {self.first}. The rest, {self.rest}, {wait_in_words(self.minutes)}. {limit_in_words()}"
        when = f"at {timezone.localtime(self.ends_at):%H:%M}" if self.ends_at > timezone.now() else "in a moment"
        return f"The first {self.first} had theirs. The rest, {self.rest}, follows by itself {when}. {limit_in_words()}"

    def as_json(self) -> dict[str, Any]:
        """The form for scripts."""
        return {"first": self.first, "rest": self.rest, "wait_minutes": self.minutes, "rest_follows_at": self.ends_at}


def first_ones(campaign: Campaign) -> FirstOnes | None:
    """Return who goes first; None when nobody does, or when nobody waits for them (any more). Reads a row a batch."""
    has_canary = campaign.canary_percent or campaign.canary_addresses
    if campaign.status != Campaign.Status.SENDING or not has_canary:
        return None
    waits = Q(is_canary=False, due_at=None, given_back_at=None)
    sums = Batch.objects.filter(campaign=campaign).aggregate(
        first=Sum("size", filter=Q(is_canary=True)), rest=Sum("size", filter=waits)
    )
    if not sums["first"] or not sums["rest"]:
        return None
    return FirstOnes(sums["first"], sums["rest"], campaign.canary_minutes, campaign.canary_ends_at)
