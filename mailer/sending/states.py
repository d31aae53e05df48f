"""How a campaign changes its status: one conditional UPDATE, and a row that tells who did it and when."""

from __future__ import annotations

from django.db import transaction

from mailer.models import Campaign, CampaignTransition


class StateError(ValueError):
    """The campaign is not in a state from which this can be done. The message is a sentence for people."""


def change_status(campaign_id: int, to: Campaign.Status, *, by: str, only_from: frozenset[str] | None = None) -> bool:
    """Move a campaign to a status if the table of transitions allows it from where it stands now.

    `only_from` narrows the table for this one change. Return False when it stands there already: somebody else was first, or Send
    was pressed twice. Raises StateError when the campaign is somewhere from which it can't go there.
    """
    allowed = {status for status, onward in Campaign.TRANSITIONS.items() if to in onward}
    if only_from is not None:
        allowed &= only_from
    with transaction.atomic():
        # Locked first, so that the status written down as the one before is the one that was changed.
        before = Campaign.objects.select_for_update().values_list("status", flat=True).get(pk=campaign_id)
        if before == to:
            return False
        if before not in allowed:
            raise StateError(f"Campaign {campaign_id} is {before}, so it can't become {to}.")
        Campaign.objects.filter(pk=campaign_id).update(status=to)
        CampaignTransition.objects.create(campaign_id=campaign_id, from_status=before, to_status=to, by=by[:150])
    return True
