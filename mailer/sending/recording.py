"""What became of deliveries is written down, many in one statement; and what a dead worker left is told from its journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from mailer.models import Delivery
from mailer.sending.journal import read_journals
from mailer.sending.outcomes import Outcome, judge


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one try of a delivery."""

    delivery_id: int
    attempt: int
    outcome: Outcome


# Only what is still the same try of ours: an outcome that comes late, from a worker that lost its lease, changes nothing.
_RECORD = """
    UPDATE mailer_delivery d SET
        status = r.status, next_attempt_at = r.next_attempt_at, reply_code = r.reply_code, enhanced_code = r.enhanced_code,
        reply_text = r.reply_text, queue_id = r.queue_id,
        finished_at = CASE WHEN r.status = 'deferred' THEN NULL ELSE now() END
    FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(statuses)s::text[], %(next)s::timestamptz[], %(codes)s::int[],
                %(enhanced)s::text[], %(texts)s::text[], %(queue_ids)s::text[])
         AS r(id, attempt, status, next_attempt_at, reply_code, enhanced_code, reply_text, queue_id)
    WHERE d.id = r.id AND d.attempts = r.attempt AND d.status = 'sending'
"""


def record(results: Sequence[Result]) -> None:
    """Write outcomes down, in one statement."""
    if not results:
        return
    outcomes = [result.outcome for result in results]
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD,
            {
                "ids": [result.delivery_id for result in results],
                "attempts": [result.attempt for result in results],
                "statuses": [str(outcome.status) for outcome in outcomes],
                "next": [outcome.next_attempt_at for outcome in outcomes],
                "codes": [outcome.reply.code for outcome in outcomes],
                # PostgreSQL's text holds no NUL, and a relay may say anything.
                "enhanced": [outcome.reply.enhanced_code for outcome in outcomes],
                "texts": [outcome.reply.text.replace("\0", "") for outcome in outcomes],
                "queue_ids": [outcome.reply.queue_id[:120] for outcome in outcomes],
            },
        )


def journal_folder() -> Path:
    """Return where the workers of this machine keep their journals."""
    return Path(settings.VAR) / "journal"


def recover(*, campaign_id: int, batch_number: int) -> None:
    """Settle what a dead worker left as `sending` in a batch whose lease is now ours.

    What a journal has an answer for is recorded. Everything else goes again with the same Message-ID: it was never handed over, or it was
    on the wire when the worker died, or its journal is on a machine that is gone (docs/flow.md, "Uncertain").
    """
    left = list(
        Delivery.objects.filter(
            campaign_id=campaign_id, batch_number=batch_number, status=Delivery.Status.SENDING
        ).values_list("pk", "attempts", "first_attempt_at")
    )
    if not left:
        return
    told, now = read_journals(journal_folder()), timezone.now()
    answered, unanswered = [], []
    for delivery_id, attempt, first_attempt_at in left:
        entry = told.get((delivery_id, attempt))
        if entry is None or entry.reply is None:
            unanswered.append(delivery_id)
            continue
        outcome = judge(entry.reply, attempts=attempt, first_attempt_at=first_attempt_at or now, now=now)
        answered.append(Result(delivery_id, attempt, outcome))
    record(answered)
    again(unanswered)


def again(delivery_ids: Sequence[int]) -> None:
    """Let deliveries that may have been handed over go again. The try counts, and so does the moment of the first one."""
    Delivery.objects.filter(pk__in=delivery_ids, status=Delivery.Status.SENDING).update(status=Delivery.Status.PENDING)
