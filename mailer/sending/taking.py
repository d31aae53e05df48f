"""Deliveries are taken from a batch, some at a time, and put back when they were not sent: each one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from mailer.sending.message import Recipient


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that is ours to send. `attempt` counts from 1; `first_attempt_at` is when it was tried first."""

    recipient: Recipient
    variant_id: int
    attempt: int
    first_attempt_at: datetime


# The people are looked at in the same statement that takes the deliveries: who left a moment ago gets nothing.
_TAKE = """
    WITH due AS (
        SELECT d.id,
               CASE WHEN s.status <> 'active' THEN s.status
                    WHEN EXISTS (SELECT 1 FROM subscribers_suppression p WHERE p.address_hash = s.address_hash)
                    THEN 'suppressed' ELSE '' END AS reason,
               s.name
        FROM mailer_delivery d
        JOIN subscribers_subscriber s ON s.id = d.subscriber_id
        WHERE d.campaign_id = %(campaign)s AND d.batch_number = %(batch)s
          AND (d.status = 'pending' OR (d.status = 'deferred' AND d.next_attempt_at <= now()))
        ORDER BY d.id
        LIMIT %(limit)s
        FOR UPDATE OF d
    ), taken AS (
        UPDATE mailer_delivery d SET
            status = CASE WHEN due.reason = '' THEN 'sending' ELSE 'skipped' END,
            skip_reason = due.reason,
            attempts = d.attempts + CASE WHEN due.reason = '' THEN 1 ELSE 0 END,
            first_attempt_at = COALESCE(d.first_attempt_at, CASE WHEN due.reason = '' THEN now() END),
            finished_at = CASE WHEN due.reason = '' THEN NULL ELSE now() END
        FROM due WHERE d.id = due.id
        RETURNING d.id, d.subscriber_id, d.address, due.name, d.variant_id, d.attempts, d.first_attempt_at, due.reason
    )
    SELECT * FROM taken ORDER BY id
"""


def take(*, campaign_id: int, batch_number: int, limit: int) -> tuple[list[Taken], bool]:
    """Take up to `limit` due deliveries of a batch: mark them as on the wire, or as skipped, with the reason.

    Return those to send, and whether anything was found at all.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"campaign": campaign_id, "batch": batch_number, "limit": limit})
        rows = cursor.fetchall()
    ours = [
        Taken(
            recipient=Recipient(delivery_id=row[0], subscriber_id=row[1], address=row[2], name=row[3]),
            variant_id=row[4],
            attempt=row[5],
            first_attempt_at=row[6],
        )
        for row in rows
        if not row[7]
    ]
    return ours, bool(rows)


def put_back(delivery_ids: Iterable[int]) -> None:
    """Make deliveries that were taken and never handed to a relay pending again, as if they had not been taken."""
    ids = list(delivery_ids)
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE mailer_delivery SET status = 'pending', attempts = attempts - 1,
                first_attempt_at = CASE WHEN attempts = 1 THEN NULL ELSE first_attempt_at END
            WHERE id = ANY(%s) AND status = 'sending'
            """,
            [ids],
        )
