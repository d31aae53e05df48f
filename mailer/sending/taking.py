"""Deliveries are taken from a batch, some at a time, and put back when they were not sent: each one statement."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction

from mailer.sending.leases import Lease
from mailer.sending.materialise import make_rows, mark_made, mark_whole
from mailer.sending.message import Recipient
from mailer.sending.own_fields import values_of
from subscribers.field_values import Value


class Taken(NamedTuple):
    """A delivery that is ours to send. `attempt` counts from 1; `first_attempt_at` is when it was tried first."""

    delivery_id: int
    recipient: Recipient
    variant_id: int
    attempt: int
    first_attempt_at: datetime

    @property
    def domain(self) -> str:
        """Where the message goes, in small letters: what limits by domain count."""
        return self.recipient.address.rpartition("@")[2].lower()


_NO_FIELDS: dict[str, Value] = {}

# Why somebody gets nothing, as they are at this moment; empty for those who do.
_REASON = """
    CASE WHEN s.status <> 'active' THEN s.status
         WHEN EXISTS (SELECT 1 FROM subscribers_suppression p WHERE p.address_hash = s.address_hash) THEN 'suppressed'
         WHEN s.paused_until >= current_date THEN 'paused' ELSE '' END
"""

# Each statement names the batch, though the ids say as much: PostgreSQL, whose statistics know of hardly any row that is `sending`, might
# read the whole table for it otherwise. And none names the campaign beside it: see the index in the model.

# The people are looked at in the same statement that takes the deliveries: who left a moment ago gets nothing.
# Found by place (ctid) once chosen: by id PostgreSQL, which expects one row where there are hundreds, would compare each with each.
# The whole batch is read before it is sorted and cut: else the primary key would seem the quickest way, from the first delivery ever made.
# A row that somebody changed meanwhile has another place, or another status, and is left for the next time.
_TAKE = f"""
    WITH batch AS MATERIALIZED (
        SELECT d.ctid AS place, d.id, d.subscriber_id
        FROM mailer_delivery d
        WHERE d.batch_id = %(batch)s
          AND (%(owner)s::text IS NULL OR EXISTS (SELECT FROM mailer_batch b WHERE b.id = %(batch)s AND b.lease_owner = %(owner)s))
          AND d.status IN ('pending', 'deferred') AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= now())
    ), chosen AS MATERIALIZED (
        SELECT * FROM batch ORDER BY id LIMIT %(limit)s
    ), due AS MATERIALIZED (
        SELECT c.place, c.id, s.name, {_REASON} AS reason
        FROM chosen c JOIN subscribers_subscriber s ON s.id = c.subscriber_id
    ), taken AS (
        UPDATE mailer_delivery d SET
            status = CASE WHEN due.reason = '' THEN 'sending' ELSE 'skipped' END,
            skip_reason = due.reason,
            attempts = d.attempts + CASE WHEN due.reason = '' THEN 1 ELSE 0 END,
            first_attempt_at = COALESCE(d.first_attempt_at, CASE WHEN due.reason = '' THEN now() END),
            finished_at = CASE WHEN due.reason = '' THEN NULL ELSE now() END
        FROM due WHERE d.ctid = due.place AND d.id = due.id
          AND d.status IN ('pending', 'deferred')
        RETURNING d.id, d.subscriber_id, d.address, due.name, d.variant_id, d.attempts,
                  EXTRACT(epoch FROM d.first_attempt_at)::float8, due.reason
    )
    SELECT * FROM taken ORDER BY id
"""  # noqa: S608  # our own SQL


def take(*, batch_id: int, limit: int, owner: str | None = None) -> tuple[list[Taken], bool]:
    """Take up to `limit` due deliveries of a batch: mark them as on the wire, or as skipped, with the reason.

    With `owner`, only while the lease of the batch is theirs. Return those to send, and whether there may be more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"batch": batch_id, "limit": limit, "owner": owner})
        rows = cursor.fetchall()
    return _taken(rows), len(rows) == limit


# The rows are made as those of `materialise.make_rows` would be once `take` has marked them: in one writing instead of two. Their ids are
# drawn first, so that the answer need not be put together from what was written and what was read.
_MAKE_AND_TAKE = f"""
    WITH people AS MATERIALIZED (
        SELECT b.campaign_id, b.id AS batch_id, s.id, r.variant_id, s.address, s.address_key, s.name, {_REASON} AS reason,
               r.place <= %(limit)s AS is_taken, nextval('mailer_delivery_id_seq') AS delivery_id
        FROM mailer_batch b
        CROSS JOIN LATERAL unnest(b.subscriber_ids, b.variant_ids) WITH ORDINALITY AS r(subscriber_id, variant_id, place)
        JOIN subscribers_subscriber s ON s.id = r.subscriber_id
        WHERE b.id = %(batch)s
        ORDER BY s.id
        FOR KEY SHARE OF s
    ), made AS (
        INSERT INTO mailer_delivery (id, campaign_id, batch_id, subscriber_id, variant_id, address, address_key, uncertain, relay,
                                     enhanced_code, reply_text, queue_id, status, skip_reason, attempts, first_attempt_at, finished_at)
        SELECT delivery_id, campaign_id, batch_id, id, variant_id, address, address_key, 0, '', '', '', '',
               CASE WHEN NOT is_taken THEN 'pending' WHEN reason = '' THEN 'sending' ELSE 'skipped' END,
               CASE WHEN is_taken THEN reason ELSE '' END,
               CASE WHEN is_taken AND reason = '' THEN 1 ELSE 0 END,
               CASE WHEN is_taken AND reason = '' THEN now() END,
               CASE WHEN is_taken AND reason <> '' THEN now() END
        FROM people
    )
    SELECT delivery_id, id, address, name, variant_id, 1, EXTRACT(epoch FROM now())::float8, reason
    FROM people WHERE is_taken ORDER BY delivery_id
"""  # noqa: S608  # our own SQL


@transaction.atomic
def make_and_take(lease: Lease, limit: int) -> tuple[list[Taken], bool] | None:
    """Make the deliveries of a batch that has none, and take the first `limit` of them, as `take` would.

    Return None when the deliveries are there already or now, to be taken as ever, or when the lease is no longer ours.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT size FROM mailer_batch WHERE id = %s AND NOT is_made AND lease_owner = %s FOR UPDATE",
            [lease.batch_id, lease.owner],
        )
        batch = cursor.fetchone()
        if batch is None:
            return None
        try:
            with transaction.atomic():
                cursor.execute(_MAKE_AND_TAKE, {"batch": lease.batch_id, "limit": limit})
                rows = cursor.fetchall()
        except IntegrityError:
            # Two people who changed their addresses meanwhile: rare, and a matter for the statement that looks out for it.
            make_rows(lease.campaign_id, [lease.batch_id])
            return None
        size = batch[0]
        if len(rows) == size:
            mark_whole(cursor, lease.batch_id)
        else:
            mark_made(cursor, lease.campaign_id, [lease.batch_id])
    return _taken(rows), size >= limit


def _taken(rows: Sequence[tuple[Any, ...]]) -> list[Taken]:
    fields = values_of({row[1]: row[4] for row in rows if not row[7]})
    return [
        Taken(
            id_,
            Recipient(id_, subscriber_id, address, name, fields.get(subscriber_id, _NO_FIELDS)),
            variant_id,
            attempt,
            _moment(first_attempt_at),
        )
        for id_, subscriber_id, address, name, variant_id, attempt, first_attempt_at, reason in rows
        if not reason
    ]


@lru_cache(maxsize=64)
def _moment(seconds: float) -> datetime:
    # Most deliveries that are taken together have one and the same.
    return datetime.fromtimestamp(seconds, UTC)


def take_from(lease: Lease, limit: int) -> tuple[list[Taken], bool]:
    """Take up to `limit` due deliveries of a batch of ours, whose rows are made first where they are not there (see `take`)."""
    first = None if lease.is_made else make_and_take(lease, limit)
    if first is not None:
        return first
    return take(batch_id=lease.batch_id, limit=limit, owner=lease.owner)


def put_back(
    delivery_ids: Iterable[int], lease: Lease, *, wait_seconds: Iterable[float] = (), tried: Collection[int] = ()
) -> None:
    """Make deliveries that were taken and never begun pending again, as if they had not been taken.

    Of those in `tried` a relay was asked, though its answer is not to count: their try keeps its number, and what a journal tells of it is
    no word about the next one. Only while the lease is ours: whoever has it now has put them back already, and may have them on the wire.
    `wait_seconds`, one for each, tells when it makes sense to take them again; without it that is at once.
    """
    ids = list(delivery_ids)
    if not ids:
        return
    waits = dict(zip_longest(ids, wait_seconds))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH ours AS MATERIALIZED (
                SELECT %(waits)s::jsonb AS waits FROM mailer_batch WHERE id = %(batch)s AND lease_owner = %(owner)s FOR SHARE
            )
            UPDATE mailer_delivery d SET status = 'pending',
                attempts = d.attempts - CASE WHEN %(tried)s::jsonb ? d.id::text THEN 0 ELSE 1 END,
                first_attempt_at = CASE WHEN d.attempts = 1 AND NOT %(tried)s::jsonb ? d.id::text THEN NULL
                                        ELSE d.first_attempt_at END,
                next_attempt_at = now() + make_interval(secs => (waits ->> d.id::text)::float8)
            FROM ours
            WHERE d.batch_id = %(batch)s AND d.status = 'sending' AND waits ? d.id::text
            """,
            {
                "batch": lease.batch_id,
                "owner": lease.owner,
                "waits": json.dumps(waits),
                "tried": json.dumps([str(id_) for id_ in tried]),
            },
        )


def skip_waiting(subscriber_id: int, reason: str) -> int:
    """Take a person's deliveries that have not begun out of all campaigns under way. Return how many.

    A delivery in `sending` is on the wire: it can't be called back, and the worker records what became of it. One whose row is not made
    yet is skipped when it is taken, by what the person is then.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH skipped AS (
                UPDATE mailer_delivery SET status = 'skipped', skip_reason = %s, next_attempt_at = NULL, finished_at = now()
                WHERE subscriber_id = %s AND status IN ('pending', 'deferred')
                RETURNING batch_id
            ), counted_anew AS (
                UPDATE mailer_batch b SET tally = NULL FROM skipped s
                WHERE b.id = s.batch_id
            )
            SELECT count(*) FROM skipped
            """,
            [reason, subscriber_id],
        )
        return int(cursor.fetchone()[0])
