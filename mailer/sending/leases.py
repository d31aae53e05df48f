"""Leases: which process may work on a batch, and until when. What stands in PostgreSQL decides, whatever Celery delivers twice."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from mailer.sending.cancelled import skip_in_batch
from mailer.sending.clock import lease_clock
from mailer.sending.journal import journals_here
from mailer.sending.tallies import TALLY, counted


@dataclass(frozen=True, slots=True)
class Lease:
    """That this process may work on a batch until the lease runs out.

    `previous_owner` held it before and did not give it back: what it left has to be settled first, from its journal.

    `is_made` tells whether the batch had its delivery rows when it was leased.

    `held_until` is when a lease that is not renewed runs out at the earliest, by `lease_clock`, in seconds.
    """

    batch_id: int
    campaign_id: int
    owner: str
    previous_owner: str = ""
    held_until: float = 0.0
    is_made: bool = True


# A lease that ran out is free at once where the journal lies that tells what became of its messages. Elsewhere it is left alone for a
# while longer, so that this machine has the first word: all that others could do is send again what was not recorded yet.
_FREE = """
    (b.leased_until IS NULL OR b.leased_until < now() - make_interval(secs =>
        CASE WHEN COALESCE(NULLIF(b.previous_owner, ''), b.lease_owner) = ANY(%(here)s) THEN 0 ELSE %(grace)s END))
"""


def _free_here() -> dict[str, list[str] | int]:
    return {"here": journals_here(), "grace": settings.LEASE_GRACE_SECONDS}


# Written as one UPDATE with its conditions on the row itself: when two workers come at once, the second waits for the first one's row
# lock and then tests the conditions again on what the first one wrote. A condition in a subquery would not be tested again.
# Our own name on it, of whose work this process knows nothing: the lease was committed, and the connection broke before we heard of it.
# Whoever took over and died before it had settled anything has left nothing itself: the one before it stays the one whose journal counts.
_CLAIM = f"""
    UPDATE mailer_batch b SET previous_owner = COALESCE(NULLIF(b.previous_owner, ''), b.lease_owner), lease_owner = %(owner)s,
        tally = NULL, leased_until = now() + make_interval(secs => %(seconds)s)
    FROM mailer_campaign c
    WHERE b.id = %(batch)s AND b.due_at <= now() AND ({_FREE} OR b.lease_owner = %(owner)s)
      AND c.id = b.campaign_id AND c.status = 'sending'
    RETURNING b.campaign_id, b.previous_owner, b.is_made
"""  # noqa: S608  # our own SQL


def claim(batch_id: int, *, owner: str) -> Lease | None:
    """Lease a batch. Return None when it is leased, not due, or its campaign is not sending. `owner` names this process's journal.

    Not to be asked for a batch that this very process works on: it would get it a second time.
    """
    held_until = lease_clock() + settings.LEASE_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"owner": owner, "seconds": settings.LEASE_SECONDS, "batch": batch_id, **_free_here()})
        row = cursor.fetchone()
    return Lease(batch_id, row[0], owner, row[1], held_until, row[2]) if row else None


def next_due(campaign_id: int) -> int | None:
    """Return a batch of the campaign that is due and free, passing over those that another process is about to lease.

    None while the campaign is not sending: else a worker would ask again and again for as long as it is paused.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT b.id FROM mailer_batch b JOIN mailer_campaign c ON c.id = b.campaign_id
            WHERE b.campaign_id = %(campaign)s AND b.due_at <= now() AND {_FREE} AND c.status = 'sending'
            ORDER BY b.number LIMIT 1 FOR UPDATE OF b SKIP LOCKED
            """,  # noqa: S608  # our own SQL
            {"campaign": campaign_id, **_free_here()},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def next_campaign() -> int | None:
    """Return the campaign whose turn it is among those with something due and free: with the fewest batches leased, or waiting longest."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT c.id FROM mailer_campaign c
            WHERE c.status = 'sending'
              AND EXISTS (SELECT FROM mailer_batch b WHERE b.campaign_id = c.id AND b.due_at <= now() AND {_FREE})
            ORDER BY (SELECT count(*) FROM mailer_batch b WHERE b.campaign_id = c.id AND b.leased_until > now()),
                     (SELECT max(b.given_back_at) FROM mailer_batch b WHERE b.campaign_id = c.id) NULLS FIRST, c.id
            LIMIT 1
            """,  # noqa: S608  # our own SQL
            _free_here(),
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def has_other_due(campaign_id: int, batch_id: int) -> bool:
    """Tell whether another batch of the campaign is due and free."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM mailer_batch b WHERE b.campaign_id = %(campaign)s AND b.id <> %(batch)s"  # noqa: S608
            f" AND b.due_at <= now() AND {_FREE})",
            {"campaign": campaign_id, "batch": batch_id, **_free_here()},
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


def mark_settled(lease: Lease) -> None:
    """Note that nothing is left to be settled of what others had taken from the batch. To be called in the transaction that does it."""
    if lease.previous_owner:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE mailer_batch SET previous_owner = '' WHERE id = %s AND lease_owner = %s",
                [lease.batch_id, lease.owner],
            )


# Due when there will be something to do again: the earliest delivery that waits for its time, at once for one that waits for none,
# or never. A batch whose rows are not made yet is as due as it was.
_GIVE_BACK = f"""
    WITH d AS MATERIALIZED ({counted("WHERE c.batch_id = %(batch)s")})
    UPDATE mailer_batch SET lease_owner = '', leased_until = NULL, given_back_at = now(),
        tally = CASE WHEN is_made THEN {TALLY} END,
        due_at = CASE WHEN is_made THEN (
            SELECT GREATEST(min(due_at), CASE WHEN count(*) > 0 THEN now() + make_interval(secs => %(hold)s) END)
            FROM d WHERE status IN ('pending', 'sending', 'deferred')) ELSE due_at END
    WHERE id = %(batch)s AND lease_owner = %(owner)s
    RETURNING (SELECT c.status = 'cancelled' FROM mailer_campaign c WHERE c.id = mailer_batch.campaign_id)
"""  # noqa: S608  # our own SQL


def give_back(lease: Lease, *, hold_seconds: float = 0.0) -> None:
    """Free the batch, count it, and note when there will be something to do in it again, at the earliest after `hold_seconds`."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"batch": lease.batch_id, "owner": lease.owner, "hold": hold_seconds})
        row = cursor.fetchone()
    # No row: it was given back in a try before, whose answer got lost, or is another's by now.
    if row is None or row[0]:
        skip_in_batch(lease.batch_id)
    elif connection.in_atomic_block:
        # A cancelling that comes from now on does not see what was put back until that is committed.
        transaction.on_commit(lambda: skip_in_batch(lease.batch_id))


def let_go(lease: Lease) -> None:
    """Let a lease run out now whose work failed. The name stays on it, so that whoever comes next asks our journal what became of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mailer_batch SET leased_until = now() - interval '1 second' WHERE id = %s AND lease_owner = %s",
            [lease.batch_id, lease.owner],
        )


# Also where somebody on another machine took over from it and did not come to settle anything before that lease ran out.
_LEFT_BY = "(lease_owner = %(name)s OR (previous_owner = %(name)s AND leased_until < now()))"


def batches_left_by(name: str) -> list[int]:
    """Return the ids of the batches that a process which is dead, by its journal's name, has not given back."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM mailer_batch WHERE {_LEFT_BY} ORDER BY id", {"name": name})  # noqa: S608
        return [batch_id for (batch_id,) in cursor.fetchall()]


def lease_left_by(name: str, batch_id: int) -> Lease | None:
    """Lock a batch that a dead process has not given back, until the end of the transaction, and return its lease.

    Return None when somebody else is at it, or has settled it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT campaign_id, lease_owner, previous_owner, is_made FROM mailer_batch WHERE id = %(batch)s AND {_LEFT_BY}"  # noqa: S608
            " FOR UPDATE SKIP LOCKED",
            {"name": name, "batch": batch_id},
        )
        row = cursor.fetchone()
    return Lease(batch_id, row[0], row[1], row[2] or row[1], is_made=row[3]) if row else None
