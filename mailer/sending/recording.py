"""What became of deliveries is written down, many in one statement; and what a dead worker left is told from its journal."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from mailer.models import Delivery
from mailer.sending.journal import Told, is_here, journal_folder, read_journals
from mailer.sending.leases import Lease, mark_settled
from mailer.sending.outcomes import Outcome, is_about_us, judge
from mailer.sending.taking import put_back


class Result(NamedTuple):
    """The outcome of one try of a delivery over a relay, by its name."""

    delivery_id: int
    attempt: int
    outcome: Outcome
    relay: str = ""


class Unknown(NamedTuple):
    """A delivery whose message went onto the wire and of which nobody knows whether the relay took it. `why` holds the last words."""

    delivery_id: int
    attempt: int
    why: str


# What is told of deliveries comes as one JSON object with their ids for names, and each row of the batch looks itself up in it. A join
# would have to be planned, and PostgreSQL, which expects one row in `sending` where there are a thousand, may compare each with each.
# Of the most frequent statement that is too dear, so it is planned without the way of joining that does so.

# Only what is still the same try of ours. From a worker that lost its lease meanwhile only "sent" is heard: whoever has the batch now may
# have put the delivery back and taken it again, which gives the try the same number, and "deferred" would send it once more.
_RECORD = """
    WITH told AS MATERIALIZED (
        SELECT %(results)s::jsonb AS results, lease_owner = %(owner)s AS is_ours FROM mailer_batch WHERE id = %(batch)s
    )
    UPDATE mailer_delivery d SET
        status = results -> d.id::text ->> 'status',
        next_attempt_at = (results -> d.id::text ->> 'next_attempt_at')::timestamptz,
        reply_code = (results -> d.id::text ->> 'reply_code')::int,
        enhanced_code = results -> d.id::text ->> 'enhanced_code',
        reply_text = results -> d.id::text ->> 'reply_text',
        queue_id = results -> d.id::text ->> 'queue_id',
        relay = results -> d.id::text ->> 'relay',
        finished_at = CASE WHEN results -> d.id::text ->> 'status' = 'deferred' THEN NULL ELSE now() END
    FROM told
    WHERE d.batch_id = %(batch)s AND d.status = 'sending' AND d.attempts = (results -> d.id::text ->> 'attempt')::int
      AND (results -> d.id::text ->> 'status' = 'sent' OR is_ours)
"""

_WITHOUT_COMPARING_EACH = "SET LOCAL enable_nestloop = off;"
# What most outcomes are, and all that differs between them.
_RECORD_SENT = """
    UPDATE mailer_delivery d SET
        status = 'sent', next_attempt_at = NULL, reply_code = %(code)s, enhanced_code = %(enhanced)s, reply_text = '',
        queue_id = told.queue_id, relay = %(relay)s, finished_at = now()
    FROM unnest(%(ids)s::bigint[], %(queue_ids)s::text[]) AS told(id, queue_id)
    WHERE d.batch_id = %(batch)s AND d.id = told.id AND d.status = 'sending' AND d.attempts = %(attempt)s
"""


def record(results: Sequence[Result], lease: Lease) -> None:
    """Write outcomes of a batch down, in a statement or two. Writing the same ones down twice changes nothing."""
    alike: dict[tuple[int, int, str, str], dict[int, str]] = defaultdict(dict)
    others = {}
    for result in results:
        delivery_id, attempt, outcome, relay = result
        reply = outcome.reply
        # Without the relay's name for a message, its words are kept.
        if outcome.status is Delivery.Status.SENT and (queue_id := reply.queue_id):
            alike[attempt, reply.code, reply.enhanced_code, relay][delivery_id] = queue_id[:120]
        else:
            others[delivery_id] = _row(result)
    with connection.cursor() as cursor:
        for (attempt, code, enhanced, relay), queue_ids in alike.items():
            values: dict[str, str | int] = {
                "batch": lease.batch_id,
                "attempt": attempt,
                "code": code,
                "enhanced": enhanced,
                "relay": relay[:120],
                "ids": _array(map(str, queue_ids)),
                "queue_ids": _array(queue_ids.values()),
            }
            # Both in one transaction, as one query (PostgreSQL's documentation, "Multiple Statements in a Simple Query").
            cursor.execute(_WITHOUT_COMPARING_EACH + _RECORD_SENT, values)
        if others:
            cursor.execute(_RECORD, {"batch": lease.batch_id, "owner": lease.owner, "results": json.dumps(others)})


def _array(texts: Iterable[str]) -> str:
    """A literal for an array, a tenth as dear as the driver's own way. No text has quotes or backslashes: see `Reply.queue_id`."""
    # Quoted, as the word NULL would be none.
    return "{" + ",".join([f'"{text}"' for text in texts]) + "}"


def _row(result: Result) -> dict[str, object]:
    outcome = result.outcome
    reply = outcome.reply
    again = outcome.next_attempt_at
    return {
        "attempt": result.attempt,
        "status": outcome.status.value,
        "next_attempt_at": again and again.isoformat(),
        "reply_code": reply.code,
        "enhanced_code": reply.enhanced_code,
        # PostgreSQL's text holds no NUL, and a relay may say anything.
        "reply_text": reply.text.replace("\0", ""),
        "queue_id": reply.queue_id[:120],
        "relay": result.relay[:120],
    }


# The first time at once, then later and later: a relay that takes messages and never says so must not be flooded with copies.
_UNKNOWN = """
    WITH told AS MATERIALIZED (
        SELECT %(unknown)s::jsonb AS unknown FROM mailer_batch WHERE id = %(batch)s AND lease_owner = %(owner)s
    )
    UPDATE mailer_delivery d SET
        status = CASE WHEN %(hold)s OR d.uncertain >= %(most)s THEN 'uncertain' ELSE 'pending' END,
        next_attempt_at = CASE WHEN %(hold)s OR d.uncertain >= %(most)s OR d.uncertain = 0 THEN NULL
                               ELSE now() + interval '1 minute' * power(2, d.uncertain - 1) END,
        uncertain = d.uncertain + 1,
        reply_code = NULL, enhanced_code = '', reply_text = unknown -> d.id::text ->> 'why', queue_id = ''
    FROM told
    WHERE d.batch_id = %(batch)s AND d.status = 'sending' AND d.attempts = (unknown -> d.id::text ->> 'attempt')::int
"""
# After so many times without an answer the relay's silence is no accident, and a person has to look.
_MOST_UNCERTAIN = 4


def record_unknown(unknown: Sequence[Unknown], lease: Lease) -> None:
    """Let deliveries that nobody can tell about go again with the same Message-ID, or leave them for a person (setting UNCERTAIN).

    The try counts, so does the moment of the first one, and so does each time that nobody could tell.
    """
    if not unknown:
        return
    told = {item.delivery_id: {"attempt": item.attempt, "why": item.why.replace("\0", "")[:500]} for item in unknown}
    with connection.cursor() as cursor:
        cursor.execute(
            _UNKNOWN,
            {
                "batch": lease.batch_id,
                "owner": lease.owner,
                "hold": settings.UNCERTAIN == "hold",
                "most": _MOST_UNCERTAIN,
                "unknown": json.dumps(told),
            },
        )


@transaction.atomic
def recover(lease: Lease) -> None:
    """Settle what a dead worker left as `sending` in a batch whose lease is now ours, and that it is settled.

    What a journal has an answer for is recorded. What the journal of the last owner does not name was never begun, and is put back.
    The rest is uncertain: it was on the wire when the worker died, or its journal is on a machine that is gone (docs/flow.md, "Uncertain").
    """
    left = list(
        Delivery.objects.filter(batch_id=lease.batch_id, status=Delivery.Status.SENDING).values_list(
            "pk", "attempts", "first_attempt_at"
        )
    )
    if left:
        _settle(left, lease)
    mark_settled(lease)


def _settle(left: Sequence[tuple[int, int, datetime | None]], lease: Lease) -> None:
    told, now = read_journals(journal_folder()), timezone.now()
    # A batch without a last owner was given back in order, with all outcomes: what is left was taken, and the answer to that got lost.
    has_journal = not lease.previous_owner or is_here(lease.previous_owner)
    answered, unknown, untouched, refused = [], [], [], []
    for delivery_id, attempt, first_attempt_at in left:
        entry = told.get((delivery_id, attempt))
        if entry is not None and entry.reply is not None and is_about_us(entry.reply):
            refused.append(delivery_id)
        elif entry is not None and entry.reply is not None:
            outcome = judge(entry.reply, attempts=attempt, first_attempt_at=first_attempt_at or now, now=now)
            answered.append(Result(delivery_id, attempt, outcome, entry.relay))
        elif entry is None and has_journal:
            untouched.append(delivery_id)
        else:
            unknown.append(Unknown(delivery_id, attempt, _why(entry)))
    record(answered, lease)
    record_unknown(unknown, lease)
    put_back([*untouched, *refused], lease, tried=refused)


def _why(entry: Told | None) -> str:
    if entry is None:
        return "The machine that sent it is gone, and its journal with it."
    return f"The worker died before the relay {entry.relay} had answered."
