"""Who has not got the letter when a campaign is cancelled does not get it: their deliveries are skipped, with the reason."""

from __future__ import annotations

from django.db import connection

# Who has no letter for certain, and who may have one, because of an earlier try that nobody could tell about. Nor is there anything to
# decide about those any more (`uncertain.py`).
REASON = "cancelled"
MAY_HAVE_GOT_IT = "may have got it"

_SKIP = """
    UPDATE mailer_delivery SET status = 'skipped', next_attempt_at = NULL, finished_at = now(),
        skip_reason = CASE WHEN uncertain > 0 THEN %(maybe)s ELSE %(reason)s END
    WHERE status IN ('pending', 'deferred', 'uncertain') AND {which}
"""
_OF_CAMPAIGN = (
    """campaign_id = %(id)s AND EXISTS (SELECT FROM mailer_campaign WHERE id = %(id)s AND status = 'cancelled')"""
)
_OF_BATCH = """
    batch_id = %(id)s AND EXISTS (
        SELECT FROM mailer_batch b JOIN mailer_campaign c ON c.id = b.campaign_id WHERE b.id = %(id)s AND c.status = 'cancelled')
"""


def skip_in_campaign(campaign_id: int) -> int:
    """Skip whoever still waits in a campaign, if it is cancelled. Return how many those are."""
    skipped = _skip(_OF_CAMPAIGN, campaign_id)
    with connection.cursor() as cursor:
        # Its batches have nothing left to do, and are counted anew.
        cursor.execute("UPDATE mailer_batch SET due_at = NULL, tally = NULL WHERE campaign_id = %s", [campaign_id])
    return skipped


def skip_in_batch(batch_id: int) -> None:
    """Skip whoever still waits in a batch, if its campaign is cancelled: those who were put back since, or refused for now.

    To be called when the statement that gave the batch back saw that the campaign is cancelled. A cancelling that it did not see comes to
    these deliveries itself, provided that they were committed before.
    """
    if _skip(_OF_BATCH, batch_id):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE mailer_batch SET due_at = NULL, tally = NULL WHERE id = %s", [batch_id])


def _skip(which: str, number: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SKIP.format(which=which), {"id": number, "reason": REASON, "maybe": MAY_HAVE_GOT_IT})
        return int(cursor.rowcount)
