"""The plan is carried out: people, what they follow, their consent, and what became of each row. All in the caller's transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, ProgrammingError, transaction

_ADD = """
    INSERT INTO subscribers_subscriber
        (id, address, address_key, address_hash, name, language, status, status_changed_at, created_at, interest_ids, source, fields, flags)
    SELECT sid, address, address_key, address_hash, name, COALESCE(language, %(language)s), COALESCE(NULLIF(status, ''), 'active'),
        now(), now(), COALESCE(interest_ids, '{}'), 'import', COALESCE(fields, '{}'), flags
    FROM import_plan WHERE outcome IN ('added', 'recorded')
"""
# Somebody who signed up while the import ran has said for themselves what they want.
_CAME_MEANWHILE = """
    UPDATE import_plan p SET outcome = 'left-alone', reason = 'came-meanwhile', sid = NULL
    WHERE outcome IN ('added', 'recorded') AND NOT EXISTS (SELECT FROM subscribers_subscriber s WHERE s.id = p.sid)
"""
_FOLLOW = """
    INSERT INTO subscribers_subscription (subscriber_id, interest_id, since)
    SELECT sid, unnest(interest_ids), now() FROM import_plan WHERE outcome IN ('added', 'recorded') AND interest_ids IS NOT NULL
"""
_CHANGE = """
    UPDATE subscribers_subscriber s SET name = p.after->>'name', language = p.after->>'language', fields = p.after->'fields'
    FROM import_plan p WHERE p.outcome = 'changed' AND p.after ? 'name' AND s.id = p.sid
"""
_UNFOLLOW = """
    DELETE FROM subscribers_subscription n USING import_plan p
    WHERE p.outcome = 'changed' AND p.after ? 'interests' AND n.subscriber_id = p.sid
        AND NOT p.after->'interests' @> to_jsonb(n.interest_id)
"""
_FOLLOW_MORE = """
    INSERT INTO subscribers_subscription (subscriber_id, interest_id, since)
    SELECT p.sid, i::bigint, now() FROM import_plan p, jsonb_array_elements_text(p.after->'interests') i
    WHERE p.outcome = 'changed' AND p.after ? 'interests' ON CONFLICT DO NOTHING
"""
_LEAVE = """
    UPDATE subscribers_subscriber s SET status = p.after->>'status', status_changed_at = now()
    FROM import_plan p WHERE p.outcome = 'changed' AND p.after ? 'status' AND s.id = p.sid AND s.status = 'active'
"""
_CONSENT = """
    INSERT INTO subscribers_consentevent (subscriber_id, kind, source, basis, version, network, detail, by, at)
    SELECT sid, CASE WHEN status IN ('bounced', 'complained') THEN status WHEN status = 'unsubscribed' THEN 'withdrawn'
        ELSE outcome END, 'import', %(basis)s, %(version)s, '', jsonb_build_object('import', %(import)s::bigint, 'row', number)
            || COALESCE(changes, '{}'),
        %(by)s, now()
    FROM import_plan WHERE outcome = ANY(%(outcomes)s)
"""
# No interest can go from now until the end; then all that the plan names have to be there.
_HOLD_INTERESTS = "SELECT FROM subscribers_interest FOR KEY SHARE"
_ALL_INTERESTS_ARE_THERE = """
    SELECT NOT EXISTS (SELECT FROM import_plan WHERE NOT interest_ids <@ ARRAY(SELECT id FROM subscribers_interest))
"""
_ROWS = """
    INSERT INTO subscribers_importrow (of_id, number, outcome, reason, subscriber_id, before, after)
    SELECT %(import)s, number, outcome, left(reason, 200), sid, before, after FROM import_plan
"""


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands in each person's consent log: the sentence, its edition, who imported, and which import it was."""

    import_id: int
    basis: str
    version: str
    by: str


def merge(proof: Proof, language: str, cursor: Any, *, changes_people: bool) -> None:
    """Carry out `import_plan`. `language` is given to new people of whom the sheet says none.

    `changes_people` tells whether there are rows that change who is on the list already: to look for them takes a second in a million.
    """
    values = {
        "import": proof.import_id,
        "basis": proof.basis,
        "version": proof.version,
        "by": proof.by,
        "language": language,
    }
    # Foreign keys are looked at with each statement: a million of them would wait in the server's memory otherwise.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _add(values, cursor)
    # What PostgreSQL knew of the list may be of when it was empty: then it would go through all of it for each row of the plan.
    cursor.execute("ANALYZE subscribers_subscriber")
    with _known_to_be_there(cursor):
        cursor.execute(_FOLLOW)
        cursor.execute(_CONSENT, {**values, "outcomes": ["added", "recorded"]})
    if changes_people:
        for statement in (_UNFOLLOW, _FOLLOW_MORE, _CHANGE, _LEAVE):
            cursor.execute(statement)
        cursor.execute(_CONSENT, {**values, "outcomes": ["changed"]})


@contextlib.contextmanager
def _known_to_be_there(cursor: Any) -> Iterator[None]:
    """Write rows about people whom this transaction added, and who so are there: looking each up again takes longer than writing it.

    The interests are looked at all at once. A server that does not let us leave its looking out (PostgreSQL's
    `session_replication_role` is for a superuser, or whom one has granted it) looks at each row, as ever.
    """
    cursor.execute(_HOLD_INTERESTS)
    cursor.execute(_ALL_INTERESTS_ARE_THERE)
    (all_there,) = cursor.fetchone()
    looks = not all_there or not _look_no_more(cursor)
    # New people were written with the ids of what they follow: the trigger that keeps them would only look a million times.
    cursor.execute("SET LOCAL ukebrev.interest_ids = 'written'")
    yield
    cursor.execute("SET LOCAL ukebrev.interest_ids = ''")
    if not looks:
        cursor.execute("SET LOCAL session_replication_role = 'origin'")


def _look_no_more(cursor: Any) -> bool:
    try:
        with transaction.atomic():
            cursor.execute("SET LOCAL session_replication_role = 'replica'")
    except ProgrammingError:
        return False
    return True


def _add(values: dict[str, Any], cursor: Any) -> None:
    # ON CONFLICT looks into each unique index twice, and is needed only if somebody came since the plan was made.
    try:
        with transaction.atomic():
            cursor.execute(_ADD, values)
    except IntegrityError:
        cursor.execute(f"{_ADD} ON CONFLICT DO NOTHING", values)
        cursor.execute(_CAME_MEANWHILE)


def record(import_id: int, cursor: Any) -> None:
    """Keep what became of each row."""
    cursor.execute(_ROWS, {"import": import_id})
