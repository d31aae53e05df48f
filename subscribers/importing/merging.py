"""The plan is carried out: people, what they follow, their consent, and what became of each row. All in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

_ADD = """
    INSERT INTO subscribers_subscriber
        (id, address, address_key, address_hash, name, language, status, status_changed_at, created_at, interest_ids, source, fields, flags)
    SELECT sid, address, address_key, address_hash, name, COALESCE(language, %(language)s), COALESCE(NULLIF(status, ''), 'active'),
        now(), now(), COALESCE(interest_ids, '{}'), 'import', COALESCE(fields, '{}'), flags
    FROM import_plan WHERE outcome IN ('added', 'recorded')
"""
# Somebody who signed up while the import ran has said for themselves what they want.
_CAME_MEANWHILE = """
    UPDATE import_plan p SET outcome = 'left-alone', reason = 'Came to the list while the import ran.', sid = NULL
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
        ELSE outcome END, 'import', %(basis)s, %(version)s, '', jsonb_build_object('import', %(import)s::bigint, 'row', number),
        %(by)s, now()
    FROM import_plan WHERE outcome IN ('added', 'recorded', 'changed')
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


def merge(proof: Proof, language: str, cursor: Any) -> None:
    """Carry out `import_plan`. `language` is given to new people of whom the sheet says none."""
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
    # New people were written with the ids of what they follow: the trigger that keeps them would only look a million times.
    cursor.execute("SET LOCAL ukebrev.interest_ids = 'written'")
    cursor.execute(_FOLLOW)
    cursor.execute("SET LOCAL ukebrev.interest_ids = ''")
    cursor.execute(_UNFOLLOW)
    cursor.execute(_FOLLOW_MORE)
    cursor.execute(_CHANGE)
    cursor.execute(_LEAVE)
    cursor.execute(_CONSENT, values)


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
