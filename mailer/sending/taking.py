"""Deliveries are taken from a batch, some at a time, and put back when they were not sent: each one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

from mailer.sending.leases import Lease
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

# Each statement names the batch, though the ids say as much: PostgreSQL, whose statistics know of hardly any row that is `sending`, might
# read the whole table for it otherwise; and a table in partitions finds the one that it is about.

# The people are looked at in the same statement that takes the deliveries: who left a moment ago gets nothing.
# Found by place (ctid) once chosen: by id PostgreSQL, which expects one row where there are hundreds, would compare each with each.
# The whole batch is read before it is sorted and cut: else the primary key would seem the quickest way, from the first delivery ever made.
# A row that somebody changed meanwhile has another place, or another status, and is left for the next time.
_TAKE = """
    WITH batch AS MATERIALIZED (
        SELECT d.ctid AS place, d.id, d.subscriber_id
        FROM mailer_delivery d
        WHERE d.campaign_id = %(campaign)s AND d.batch_number = %(batch)s
          AND (%(owner)s::text IS NULL OR EXISTS (SELECT FROM mailer_batch b WHERE b.campaign_id = %(campaign)s
                                                  AND b.number = %(batch)s AND b.lease_owner = %(owner)s))
          AND d.status IN ('pending', 'deferred') AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= now())
    ), chosen AS MATERIALIZED (
        SELECT * FROM batch ORDER BY id LIMIT %(limit)s
    ), due AS MATERIALIZED (
        SELECT c.place, c.id, s.name,
               CASE WHEN s.status <> 'active' THEN s.status
                    WHEN EXISTS (SELECT 1 FROM subscribers_suppression p WHERE p.address_hash = s.address_hash)
                    THEN 'suppressed'
                    WHEN s.paused_until >= current_date THEN 'paused' ELSE '' END AS reason
        FROM chosen c JOIN subscribers_subscriber s ON s.id = c.subscriber_id
    ), taken AS (
        UPDATE mailer_delivery d SET
            status = CASE WHEN due.reason = '' THEN 'sending' ELSE 'skipped' END,
            skip_reason = due.reason,
            attempts = d.attempts + CASE WHEN due.reason = '' THEN 1 ELSE 0 END,
            first_attempt_at = COALESCE(d.first_attempt_at, CASE WHEN due.reason = '' THEN now() END),
            finished_at = CASE WHEN due.reason = '' THEN NULL ELSE now() END
        FROM due WHERE d.ctid = due.place AND d.id = due.id AND d.campaign_id = %(campaign)s AND d.batch_number = %(batch)s
          AND d.status IN ('pending', 'deferred')
        RETURNING d.id, d.subscriber_id, d.address, due.name, d.variant_id, d.attempts,
                  EXTRACT(epoch FROM d.first_attempt_at)::float8, due.reason
    )
    SELECT * FROM taken ORDER BY id
"""


def take(*, campaign_id: int, batch_number: int, limit: int, owner: str | None = None) -> tuple[list[Taken], bool]:
    """Take up to `limit` due deliveries of a batch: mark them as on the wire, or as skipped, with the reason.

    With `owner`, only while the lease of the batch is theirs. Return those to send, and whether there may be more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"campaign": campaign_id, "batch": batch_number, "limit": limit, "owner": owner})
        rows = cursor.fetchall()
    fields = values_of({row[1]: row[4] for row in rows if not row[7]})
    ours = [
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
    return ours, len(rows) == limit


@lru_cache(maxsize=64)
def _moment(seconds: float) -> datetime:
    # Most deliveries that are taken together have one and the same.
    return datetime.fromtimestamp(seconds, UTC)


def put_back(delivery_ids: Iterable[int], lease: Lease, *, wait_seconds: Iterable[float] = ()) -> None:
    """Make deliveries that were taken and never begun pending again, as if they had not been taken.

    Only while the lease is ours: whoever has it now has put them back already, and may have them on the wire.
    `wait_seconds`, one for each, tells when it makes sense to take them again; without it that is at once.
    """
    ids = list(delivery_ids)
    if not ids:
        return
    waits: list[float | None] = [*wait_seconds] or [None] * len(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH ours AS (SELECT FROM mailer_batch WHERE id = %s AND lease_owner = %s FOR SHARE)
            UPDATE mailer_delivery d SET status = 'pending', attempts = d.attempts - 1,
                first_attempt_at = CASE WHEN d.attempts = 1 THEN NULL ELSE d.first_attempt_at END,
                next_attempt_at = now() + make_interval(secs => r.wait)
            FROM ours, unnest(%s::bigint[], %s::float8[]) AS r(id, wait)
            WHERE d.id = r.id AND d.campaign_id = %s AND d.batch_number = %s AND d.status = 'sending'
            """,
            [lease.batch_id, lease.owner, ids, waits, lease.campaign_id, lease.number],
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
                RETURNING campaign_id, batch_number
            ), counted_anew AS (
                UPDATE mailer_batch b SET tally = NULL FROM skipped s
                WHERE b.campaign_id = s.campaign_id AND b.number = s.batch_number
            )
            SELECT count(*) FROM skipped
            """,
            [reason, subscriber_id],
        )
        return int(cursor.fetchone()[0])
