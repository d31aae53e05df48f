"""From the audience, frozen, to delivery rows.

Freezing writes down who gets which letter, in one statement and compactly: two arrays a batch. The rows themselves, with their indexes and
constraints, are made batch by batch after that, so that the first letters of a million are on the wire while the last rows are being made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from mailer.models import Batch, Campaign
from mailer.sending.stopping import is_stopping
from subscribers.audiences import Segment

# Few enough that a lease is short and a lost worker holds up little, many enough that claiming costs nothing beside sending.
BATCH_SIZE = 1000


@dataclass(frozen=True, slots=True)
class FrozenSum:
    """How many people were written down, and in how many batches."""

    recipients: int
    batches: int


_FREEZE = """
    INSERT INTO mailer_batch (campaign_id, number, subscriber_ids, variant_ids, size, is_made, is_canary,
                              lease_owner, previous_owner, due_at)
    SELECT %(campaign)s, n, array_agg(id ORDER BY id), array_agg(variant_id ORDER BY id), count(*), false, bool_and(is_canary),
           '', '', CASE WHEN bool_and(is_canary) OR NOT bool_or(bool_and(is_canary)) OVER () THEN now() END
    FROM (
        SELECT id, variant_id, is_canary,
               CASE WHEN is_canary THEN 0 ELSE %(canary_batches)s END
               + (row_number() OVER (PARTITION BY is_canary ORDER BY id) - 1) / %(batch_size)s AS n
        FROM (
            SELECT c.id, v.id AS variant_id, c.id = ANY(%(canaries)s::bigint[]) AS is_canary
            FROM ({people}) c
            JOIN jsonb_to_recordset(%(assigned)s) AS m(interest_ids bigint[], language text, number int)
              ON m.interest_ids = c.interest_ids AND m.language = c.language
            JOIN mailer_variant v ON v.campaign_id = %(campaign)s AND v.number = m.number
            WHERE c.left_out = ''
        ) recipients
    ) numbered
    GROUP BY n
    RETURNING size
"""


def freeze_audience(
    campaign: Campaign,
    people: tuple[str, Mapping[str, Any]],
    assigned: Sequence[tuple[Segment, int]],
    canaries: Sequence[int] = (),
) -> FrozenSum:
    """Write down who gets which letter, in batches. Return the sum, which must be the plan's.

    `people` is the SQL of the candidates with its values; `assigned` tells the number of the variant that each segment gets; `canaries` are
    the ids of the subscribers who get theirs first: where there is a batch of those, the others are not due until the canary has passed.
    """
    sql, values = people
    rows = [
        {"interest_ids": segment.interest_ids, "language": segment.language, "number": number}
        for segment, number in assigned
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _FREEZE.format(people=sql),
            {
                **values,
                "campaign": campaign.pk,
                "batch_size": BATCH_SIZE,
                "assigned": json.dumps(rows),
                "canaries": list(canaries),
                "canary_batches": -(-len(canaries) // BATCH_SIZE),
            },
        )
        sizes = [size for (size,) in cursor.fetchall()]
    return FrozenSum(recipients=sum(sizes), batches=len(sizes))


# KEY SHARE: nobody can be removed while their delivery is being made (see the trigger `person_of_a_delivery_kept`).
# Of the people as they are now: who has left since is skipped when the row is taken, and whose address was changed gets it at the new one.
_MAKE = """
    INSERT INTO mailer_delivery (campaign_id, batch_id, subscriber_id, variant_id, address, address_key,
                                 status, skip_reason, attempts, uncertain, relay, enhanced_code, reply_text, queue_id)
    SELECT b.campaign_id, b.id, s.id, r.variant_id, s.address, s.address_key, 'pending', '', 0, 0, '', '', '', ''
    FROM mailer_batch b
    CROSS JOIN LATERAL unnest(b.subscriber_ids, b.variant_ids) AS r(subscriber_id, variant_id)
    JOIN subscribers_subscriber s ON s.id = r.subscriber_id
    WHERE b.id = ANY(%(batches)s)
    ORDER BY b.number, s.id
    FOR KEY SHARE OF s
    {on_conflict}
"""
# Somebody whose record was removed in the seconds between has no row, and whose address another has by now has none either: the sum must
# say so. What nobody works on is told by its tally; domains, which would cost as much as they are worth, when it has been worked on.
_MADE = """
    WITH counted AS MATERIALIZED (
        SELECT old.id, old.size, old.subscriber_ids, old.variant_ids, COALESCE(d.n, 0) AS n
        FROM mailer_batch old LEFT JOIN (
            SELECT batch_id, count(*) AS n FROM mailer_delivery WHERE batch_id = ANY(%(batches)s) GROUP BY 1) d ON d.batch_id = old.id
        WHERE old.id = ANY(%(batches)s)
    ), made AS (
        UPDATE mailer_batch b SET is_made = true, subscriber_ids = '{}', variant_ids = '{}', size = old.n,
            tally = CASE WHEN b.lease_owner = '' AND old.n = old.size THEN jsonb_build_object(
                'statuses', jsonb_build_object('pending', old.n),
                'letters', (SELECT jsonb_object_agg(id, jsonb_build_array(n, 0)) FROM (
                    SELECT id, count(*) AS n FROM unnest(old.variant_ids) AS r(id) GROUP BY 1) x),
                'relays', '{}'::jsonb, 'domains', '{}'::jsonb, 'uncertain', 0) END
        FROM counted old WHERE b.id = old.id
        RETURNING old.size - old.n AS gone, CASE WHEN old.size > old.n THEN (
            SELECT count(*) FROM unnest(old.subscriber_ids) AS r(id)
            WHERE NOT EXISTS (SELECT FROM subscribers_subscriber s WHERE s.id = r.id)) ELSE 0 END AS removed
    ), reasons AS (
        SELECT reason, sum(n) AS n
        FROM made, LATERAL (VALUES ('removed since', removed), ('duplicate address', gone - removed)) AS r(reason, n)
        GROUP BY 1 HAVING sum(n) > 0
    )
    UPDATE mailer_campaign c SET recipients = recipients - (SELECT sum(n) FROM reasons), left_out = left_out || (
        SELECT jsonb_object_agg(reason, COALESCE((c.left_out ->> reason)::int, 0) + n) FROM reasons)
    WHERE id = %(campaign)s AND EXISTS (SELECT FROM reasons)
"""


@transaction.atomic
def make_rows(campaign_id: int, batch_ids: Sequence[int]) -> int:
    """Make the delivery rows of these batches, unless they are there or somebody else is making them. Return for how many batches."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM mailer_batch WHERE id = ANY(%s) AND NOT is_made ORDER BY id FOR UPDATE", [list(batch_ids)]
        )
        ours = [batch_id for (batch_id,) in cursor.fetchall()]
        if ours:
            _insert(cursor, ours)
            mark_made(cursor, campaign_id, ours)
    return len(ours)


def _insert(cursor: CursorWrapper, batch_ids: list[int]) -> None:
    """Where an address has a delivery of this campaign already, none is made for it: two people may have changed theirs meanwhile."""
    try:
        # To look out for conflicts costs PostgreSQL a fifth of the making, and there is hardly ever one.
        with transaction.atomic():
            cursor.execute(_MAKE.format(on_conflict=""), {"batches": batch_ids})
    except IntegrityError:
        cursor.execute(_MAKE.format(on_conflict="ON CONFLICT DO NOTHING"), {"batches": batch_ids})


def mark_made(cursor: CursorWrapper, campaign_id: int, batch_ids: Sequence[int]) -> None:
    """Note that these batches have their rows. To be called in the transaction that makes them."""
    cursor.execute(_MADE, {"batches": list(batch_ids), "campaign": campaign_id})


def mark_whole(cursor: CursorWrapper, batch_id: int) -> None:
    """Note the same of a batch that somebody works on and that has a row for each of its people, who need not be counted again."""
    cursor.execute(
        "UPDATE mailer_batch SET is_made = true, subscriber_ids = '{}', variant_ids = '{}' WHERE id = %s", [batch_id]
    )


# So many batches are through in some seconds where relays are quick; whoever sends one makes its rows by the way, at less cost.
_MADE_BY_THE_WAY = 100


def has_many_to_make(campaign_id: int) -> bool:
    """Tell whether a campaign lacks the rows of so many batches that making them is work of its own."""
    return Batch.objects.filter(campaign_id=campaign_id, is_made=False).count() > _MADE_BY_THE_WAY


# Some at a time, so that workers never wait long for a batch that is being made.
_BATCHES_AT_ONCE = 20


def make_all_rows(campaign_id: int) -> int:
    """Make all delivery rows of a campaign that are not there yet, some batches at a time. Return how many batches were made.

    May be cut short and done again, by several at once. A worker that is told to stop leaves the rest to others.
    """
    made = 0
    while not is_stopping():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM mailer_batch WHERE campaign_id = %s AND NOT is_made"
                # From the end: those at the beginning are being sent, and made by whoever sends them.
                " ORDER BY number DESC LIMIT %s FOR UPDATE SKIP LOCKED",
                [campaign_id, _BATCHES_AT_ONCE],
            )
            batch_ids = [batch_id for (batch_id,) in cursor.fetchall()]
            if not batch_ids:
                break
            made += make_rows(campaign_id, batch_ids)
    return made
