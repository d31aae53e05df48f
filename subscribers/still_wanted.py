"""Cleaning up the list: those who have not been heard from are asked once whether they still want the letter, and the silent let go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from subscribers.audience_filter import Audience, AudienceError
from subscribers.candidates import candidates_sql
from subscribers.history import STILL_WANTED

# Nobody is asked again sooner than this after they have answered; who has not answered is never asked twice.
ASK_AGAIN_AFTER = timedelta(days=365)
# In days. Less is no time to answer in, and later the mail that asked is not known any more.
SHORTEST, LONGEST = 7, 300
_DAYS_IN_A_MONTH = 30.44

_MAY_BE_ASKED = """
    SELECT c.id, c.address FROM ({candidates}) c JOIN subscribers_subscriber a ON a.id = c.id
    WHERE c.left_out = '' AND (a.asked_at IS NULL OR (a.heard_at > a.asked_at AND a.asked_at < %(asked_before)s))
"""
# Who came, or came back, a short while ago has just said that they want the letter.
_LONG_ENOUGH = " AND GREATEST(a.created_at, a.confirmed_at, a.status_changed_at) < %(joined_before)s"
# The mark, the log and the mail that is owed are one statement: nobody is let go who was not asked, and nobody asked twice.
_ASK = """
    WITH asked AS (
        UPDATE subscribers_subscriber s SET asked_at = %(now)s FROM ({people}) p WHERE s.id = p.id AND s.status = 'active'
        RETURNING s.id, s.address
    ), logged AS (
        INSERT INTO subscribers_consentevent (subscriber_id, kind, source, basis, version, network, detail, by, at)
        SELECT id, 'reminded', 'clean-up', '', '', '', jsonb_build_object('question', %(question)s), %(by)s, %(now)s FROM asked
    ), owed AS (
        INSERT INTO subscribers_owedmail (kind, address, subscriber_id, detail, created_at, due_at, attempts, outcome, problem)
        SELECT 'still-wanted', address, id, '{{}}', %(now)s, %(now)s, 0, '', '' FROM asked
    )
    SELECT count(*) FROM asked
"""
_SILENT = """
    SELECT s.id FROM subscribers_subscriber s
    WHERE s.status = 'active' AND s.asked_at IS NOT NULL AND (s.heard_at IS NULL OR s.heard_at <= s.asked_at)
      AND EXISTS (
          SELECT 1 FROM subscribers_owedmail m
          WHERE m.subscriber_id = s.id AND m.kind = 'still-wanted' AND m.outcome = 'sent'
            AND m.created_at >= s.asked_at AND m.finished_at < %(sent_before)s
      )
"""
_LET_GO = """
    WITH silent AS ({silent} FOR NO KEY UPDATE OF s SKIP LOCKED), gone AS (
        UPDATE subscribers_subscriber s SET status = 'unsubscribed', status_changed_at = %(now)s
        FROM silent WHERE s.id = silent.id RETURNING s.id
    ), logged AS (
        INSERT INTO subscribers_consentevent (subscriber_id, kind, source, basis, version, network, detail, by, at)
        SELECT id, 'lapsed', 'clean-up', '', '', '', '{{}}', %(by)s, %(now)s FROM gone
    )
    SELECT count(*) FROM gone
"""


@dataclass(frozen=True, slots=True)
class Patience:
    """Who is not asked yet: who joined, or came back, fewer months ago than this, and who is not `among` some.

    `among` is a subquery of ids, such as of those who got enough letters to have an opinion: which, only another app knows.
    """

    months: int = 6
    among: str = ""

    def sql(self) -> str:
        """The conditions, for `_MAY_BE_ASKED`."""
        return (_LONG_ENOUGH if self.months else "") + (f" AND a.id IN ({self.among})" if self.among else "")

    def values(self) -> dict[str, Any]:
        """The values of the conditions."""
        return {"joined_before": timezone.now() - timedelta(days=self.months * _DAYS_IN_A_MONTH)} if self.months else {}


NO_PATIENCE = Patience(months=0)


def number_to_ask(audience: Audience, patience: Patience = Patience()) -> int:  # immutable
    """Return how many of an audience's recipients `ask` would ask now. Raises what `Audience.check` raises."""
    sql, values = _people(audience, patience)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) p", values)  # noqa: S608  # our own SQL
        return int(cursor.fetchone()[0])


@transaction.atomic
def ask(audience: Audience, patience: Patience = Patience(), *, by: str = "") -> int:  # immutable
    """Owe each of an audience's recipients, who was not asked already and is here long enough, the mail that asks. Return how many.

    Pressing "yes" there is `preferences.stay`; any other sign of life counts as well. Raises what `Audience.check` raises.
    """
    sql, values = _people(audience, patience)
    with connection.cursor() as cursor:
        cursor.execute(_ASK.format(people=sql), {**values, "now": timezone.now(), "question": STILL_WANTED, "by": by})
        return int(cursor.fetchone()[0])


def number_silent(after_days: int) -> int:
    """Return how many `let_go` would let go now. Raises AudienceError for a time that is too short or too long."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_SILENT}) s", _deadline(after_days))  # noqa: S608  # our own SQL
        return int(cursor.fetchone()[0])


@transaction.atomic
def let_go(after_days: int, *, by: str = "") -> int:
    """Take off the list who was asked, whose mail went out that many days ago or more, and of whom nothing was heard since.

    Return how many. Whose mail never went out stays. Raises AudienceError for a time that is too short or too long.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LET_GO.format(silent=_SILENT), {**_deadline(after_days), "now": timezone.now(), "by": by})
        return int(cursor.fetchone()[0])


def _people(audience: Audience, patience: Patience) -> tuple[str, dict[str, Any]]:
    sql, values = candidates_sql(audience)
    asked_before = timezone.now() - ASK_AGAIN_AFTER
    return _MAY_BE_ASKED.format(candidates=sql) + patience.sql(), {
        **values,
        **patience.values(),
        "asked_before": asked_before,
    }


def _deadline(after_days: int) -> dict[str, Any]:
    if not SHORTEST <= after_days <= LONGEST:
        raise AudienceError(f"People get from {SHORTEST} to {LONGEST} days to answer, not {after_days}.")
    return {"sent_before": timezone.now() - timedelta(days=after_days)}
