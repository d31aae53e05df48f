"""A campaign in which nothing has happened for days is not gone on with by itself: a person is asked.

The database may be a restored copy, from before the campaign was ended, or the machine may have been off since last week. Then whoever got
the letter would get it again, or everybody would get it late.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from mailer.models import Campaign
from mailer.sending.launch import give_up
from mailer.sending.states import StateError, change_status

# Whoever sends gives batches back, and holds leases: that is the sign of life. A batch that waits for a relay, a limit or another try is
# taken up every quarter of an hour, or every six hours at the most. What has nothing left to do, but for a person's decision, is no matter.
_STALE = """
    SELECT c.id, c.status, s.seen_at
    FROM mailer_campaign c
    CROSS JOIN LATERAL (
        SELECT GREATEST(c.created_at, c.launched_at, c.canary_ends_at,
                        (SELECT max(at) FROM mailer_campaigntransition WHERE campaign_id = c.id),
                        (SELECT max(GREATEST(given_back_at, leased_until)) FROM mailer_batch WHERE campaign_id = c.id)) AS seen_at
    ) s
    WHERE c.status IN ('launching', 'sending') AND (%(campaign)s::bigint IS NULL OR c.id = %(campaign)s)
      AND s.seen_at < now() - make_interval(days => %(days)s)
      AND (c.status = 'launching' OR c.status = 'sending' AND EXISTS (
          SELECT FROM mailer_batch WHERE campaign_id = c.id AND (due_at IS NOT NULL OR given_back_at IS NULL OR lease_owner <> '')))
"""
_NOT_SENT = "Nothing was sent. Send it anew if it is still wanted."
_MAY_BE_RESTORED = "If this database was restored from a copy, it may have gone to everybody after the copy was made."
_DECIDE = "`ukebrev campaign resume {number}` goes on with it, `ukebrev campaign cancel {number}` ends it."


def stop_stale(campaign_id: int | None = None) -> int:
    """Pause what was sending, and cancel what was launching, when nothing happened in it for RESUME_WITHIN_DAYS. Return how many.

    With a number, look at this campaign alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STALE, {"campaign": campaign_id, "days": settings.RESUME_WITHIN_DAYS})
        found = cursor.fetchall()
    return sum(_stop(number, status, seen_at) for number, status, seen_at in found)


def _stop(number: int, status: str, seen_at: datetime) -> bool:
    since = f"Nothing has happened in this campaign since {timezone.localtime(seen_at):%Y-%m-%d %H:%M}"
    try:
        with transaction.atomic():
            if status == Campaign.Status.LAUNCHING:
                give_up(number, f"{since}, and it was not launched to the end then. {_NOT_SENT}", by="sweep")
            elif change_status(number, Campaign.Status.PAUSED, by="sweep"):
                why = f"{since}. {_MAY_BE_RESTORED} {_DECIDE.format(number=number)}"
                Campaign.objects.filter(pk=number).update(held_because=why)
    except StateError:
        # A person was quicker.
        return False
    return True
