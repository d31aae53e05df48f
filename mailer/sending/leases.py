"""Leases: which process may work on a batch, and until when. What stands in PostgreSQL decides, whatever Celery delivers twice."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from mailer.sending.cancelled import skip_in_batch
from mailer.sending.clock import lease_clock
from mailer.sending.tallies import TALLY, counted


@dataclass(frozen=True, slots=True)
class Lease:
    """That this process may work on a batch until the lease runs out. `previous_owner` held it before, and may have died.

    `is_made` tells whether the batch had its delivery rows when it was leased.

    `held_until` is when a lease that is not renewed runs out at the earliest, by `lease_clock`, in seconds.
    """

    batch_id: int
    campaign_id: int
    owner: str
    previous_owner: str = ""
    held_until: float = 0.0
    is_made: bool = True


# Written as one UPDATE with its conditions on the row itself: when two workers come at once, the second waits for the first one's row
# lock and then tests the conditions again on what the first one wrote. A condition in a subquery would not be tested again.
# Our own name on it, of whose work this process knows nothing: the lease was committed, and the connection broke before we heard of it.
_CLAIM = """
    UPDATE mailer_batch b SET previous_owner = b.lease_owner, lease_owner = %(owner)s, tally = NULL,
        leased_until = now() + make_interval(secs => %(seconds)s)
    FROM mailer_campaign c
    WHERE b.id = %(batch)s AND b.due_at <= now()
      AND (b.leased_until IS NULL OR b.leased_until < now() OR b.lease_owner = %(owner)s)
      AND c.id = b.campaign_id AND c.status = 'sending'
    RETURNING b.campaign_id, b.previous_owner, b.is_made
"""


def claim(batch_id: int, *, owner: str) -> Lease | None:
    """Lease a batch. Return None when it is leased, not due, or its campaign is not sending. `owner` names this process's journal.

    Not to be asked for a batch that this very process works on: it would get it a second time.
    """
    held_until = lease_clock() + settings.LEASE_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"owner": owner, "seconds": settings.LEASE_SECONDS, "batch": batch_id})
        row = cursor.fetchone()
    return Lease(batch_id, row[0], owner, row[1], held_until, row[2]) if row else None


def next_due(campaign_id: int) -> int | None:
    """Return a batch of the campaign that is due and free, passing over those that another process is about to lease.

    None while the campaign is not sending: else a worker would ask again and again for as long as it is paused.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.id FROM mailer_batch b JOIN mailer_campaign c ON c.id = b.campaign_id
            WHERE b.campaign_id = %s AND b.due_at <= now() AND (b.leased_until IS NULL OR b.leased_until < now())
              AND c.status = 'sending'
            ORDER BY b.number LIMIT 1 FOR UPDATE OF b SKIP LOCKED
            """,
            [campaign_id],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def has_other_due(campaign_id: int, batch_id: int) -> bool:
    """Tell whether another batch of the campaign is due and free."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM mailer_batch WHERE campaign_id = %s AND id <> %s AND due_at <= now()"
            " AND (leased_until IS NULL OR leased_until < now()))",
            [campaign_id, batch_id],
        )
        return bool(cursor.fetchone()[0])


def renew(lease: Lease) -> bool:
    """Hold the lease longer, if it is still ours. Return whether it is, and the campaign still sends.

    Held while the campaign is paused as well: what is on the wire at that moment is ours until the relay has answered.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE mailer_batch b SET leased_until = now() + make_interval(secs => %(seconds)s)
            FROM mailer_campaign c
            WHERE b.id = %(batch)s AND b.lease_owner = %(owner)s AND c.id = b.campaign_id
            RETURNING c.status = 'sending'
            """,
            {"seconds": settings.LEASE_SECONDS, "batch": lease.batch_id, "owner": lease.owner},
        )
        row = cursor.fetchone()
    return bool(row and row[0])


# Due when there will be something to do again: the earliest delivery that waits for its time, at once for one that waits for none,
# or never.
_GIVE_BACK = f"""
    WITH d AS MATERIALIZED ({counted("WHERE c.batch_id = %(batch)s")})
    UPDATE mailer_batch SET lease_owner = '', leased_until = NULL, given_back_at = now(), tally = {TALLY},
        due_at = (SELECT GREATEST(min(due_at),
                                  CASE WHEN count(*) > 0 THEN now() + make_interval(secs => %(hold)s) END)
                  FROM d WHERE status IN ('pending', 'sending', 'deferred'))
    WHERE id = %(batch)s AND lease_owner = %(owner)s
"""  # noqa: S608  # our own SQL


def give_back(lease: Lease, *, hold_seconds: float = 0.0) -> None:
    """Free the batch, count it, and note when there will be something to do in it again, at the earliest after `hold_seconds`."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"batch": lease.batch_id, "owner": lease.owner, "hold": hold_seconds})
    skip_in_batch(lease.batch_id)


def let_go(lease: Lease) -> None:
    """Let a lease run out now whose work failed. The name stays on it, so that whoever comes next asks our journal what became of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mailer_batch SET leased_until = now() - interval '1 second' WHERE id = %s AND lease_owner = %s",
            [lease.batch_id, lease.owner],
        )


def end_lease(owner: str) -> int:
    """Let the leases of a process that is dead run out now. Return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mailer_batch SET leased_until = now() - interval '1 second' WHERE lease_owner = %s AND leased_until > now()",
            [owner],
        )
        return int(cursor.rowcount)
