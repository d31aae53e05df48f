"""How fast a campaign goes just now: what was sent lately, over the time in which something was sent."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from mailer.models import Campaign

# So many batches, those given back last, are looked at beside those that are worked on: a few thousand rows, however large the campaign.
# A tally does not tell when its letters were sent: those of a batch that was taken up again may be of an hour ago.
_BATCHES = 8
_SECONDS = 60

# It begins where sending began or went on, and after the last give-back of a batch that is not looked at: all that was sent since is in
# those that are. Outcomes are recorded once a second, so that the first were on their way for a second before theirs.
_RATE = f"""
    WITH b AS MATERIALIZED (
        SELECT id, is_made, is_canary, lease_owner, due_at, given_back_at FROM mailer_batch WHERE campaign_id = %(campaign)s
    ), lately AS (
        SELECT id, given_back_at FROM b WHERE given_back_at > now() - interval '{_SECONDS} seconds'
        ORDER BY given_back_at DESC LIMIT {_BATCHES} + 1
    ), began AS (
        SELECT GREATEST(
            now() - interval '{_SECONDS} seconds', c.launched_at, CASE WHEN c.canary_ends_at <= now() THEN c.canary_ends_at END,
            (SELECT max(at) FROM mailer_campaigntransition WHERE campaign_id = c.id AND to_status = 'sending'),
            (SELECT given_back_at FROM lately ORDER BY given_back_at DESC OFFSET {_BATCHES})) AS at
        FROM mailer_campaign c WHERE c.id = %(campaign)s
    ), sent AS (
        SELECT count(*) AS n, min(d.finished_at) AS first FROM mailer_delivery d, began
        WHERE d.status = 'sent' AND d.finished_at > began.at
          AND d.batch_id IN (SELECT id FROM lately UNION SELECT id FROM b WHERE lease_owner <> '' AND is_made)
    )
    SELECT n, EXTRACT(epoch FROM now() - GREATEST(began.at, sent.first - interval '1 second')),
        EXISTS (SELECT FROM b WHERE lease_owner <> '' OR due_at <= now()),
        EXISTS (SELECT FROM b WHERE NOT is_canary AND due_at IS NULL AND given_back_at IS NULL)
    FROM sent, began
"""  # noqa: S608  # our own numbers


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages a second, 0 while nothing is sent; and whether some wait for those who go first, so that no rate tells how long it takes."""

    a_second: float = 0.0
    some_wait: bool = False


def rate(campaign: Campaign) -> Rate:
    """Return how fast a campaign goes just now. Reads one row a batch, and the deliveries of a few."""
    if campaign.status != Campaign.Status.SENDING or campaign.held_because:
        return Rate()
    with connection.cursor() as cursor:
        cursor.execute(_RATE, {"campaign": campaign.pk})
        sent, seconds, is_going, some_wait = cursor.fetchone()
    if not sent or not is_going:
        return Rate(some_wait=some_wait)
    return Rate(float(sent) / max(float(seconds), 1.0), some_wait)
