"""An import is undone: whom it added goes, what it changed comes back; but nobody who has been mailed or has acted since is touched."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction

from subscribers.importing.changes import changes_sql
from subscribers.importing.faults import AlreadyRunningError, ImportingError
from subscribers.models import Import, Subscriber

_KEPT_SINCE = """
    UPDATE subscribers_importrow r SET reason = 'kept-' || w.why
    FROM (
        SELECT r.number, CASE
            WHEN s.status <> COALESCE(r.after->>'status', CASE WHEN r.outcome = 'added' THEN 'active' ELSE s.status END)
                OR s.heard_at IS NOT NULL OR s.confirmed_at IS NOT NULL
                OR s.paused_until IS NOT NULL OR s.status_changed_at > i.finished_at THEN 'acted'
            WHEN EXISTS (SELECT FROM subscribers_consentevent e WHERE e.subscriber_id = s.id AND e.at > i.finished_at)
                OR EXISTS (SELECT FROM subscribers_addresschange a WHERE a.subscriber_id = s.id) THEN 'changed'
            {mailed}
            END AS why
        FROM subscribers_importrow r JOIN subscribers_import i ON i.id = r.of_id JOIN subscribers_subscriber s ON s.id = r.subscriber_id
        WHERE r.of_id = %(import)s AND r.outcome IN ('added', 'recorded')
    ) w
    WHERE r.of_id = %(import)s AND r.number = w.number AND w.why IS NOT NULL
"""
# What other apps keep of a person: a delivery, feedback. Which tables those are is their business.
_MAILED = "WHEN EXISTS (SELECT FROM {table} o WHERE o.{column} = s.id) THEN 'mailed'"

_GOING = """
    DROP TABLE IF EXISTS undo_going;
    CREATE TEMP TABLE undo_going ON COMMIT DROP AS
    SELECT s.id FROM subscribers_importrow r JOIN subscribers_subscriber s ON s.id = r.subscriber_id
    WHERE r.of_id = {number} AND r.outcome IN ('added', 'recorded') AND r.reason NOT LIKE 'kept-%'
    FOR UPDATE OF s
"""
_REMOVE = (
    "DELETE FROM subscribers_subscription n USING undo_going g WHERE n.subscriber_id = g.id",
    "DELETE FROM subscribers_consentevent e USING undo_going g WHERE e.subscriber_id = g.id",
    "DELETE FROM subscribers_subscriber s USING undo_going g WHERE s.id = g.id",
)

_BACK = """
    DROP TABLE IF EXISTS undo_back;
    CREATE TEMP TABLE undo_back ON COMMIT DROP AS
    SELECT r.number, s.id, r.before, r.after FROM subscribers_importrow r JOIN subscribers_subscriber s ON s.id = r.subscriber_id
    WHERE r.of_id = {number} AND r.outcome = 'changed' AND r.after <@ jsonb_build_object('name', s.name, 'language', s.language,
        'fields', s.fields, 'interests', s.interest_ids, 'status', s.status)
        AND (NOT r.after ? 'interests' OR r.after->'interests' = to_jsonb(s.interest_ids))
        AND (NOT r.after ? 'fields' OR r.after->'fields' = s.fields)
    FOR UPDATE OF s
"""
_TAKEN_BACK = changes_sql("after", "before")
_RESTORE = (
    """UPDATE subscribers_subscriber s SET name = b.before->>'name', language = b.before->>'language', fields = b.before->'fields'
       FROM undo_back b WHERE b.before ? 'name' AND s.id = b.id""",
    """DELETE FROM subscribers_subscription n USING undo_back b WHERE b.before ? 'interests' AND n.subscriber_id = b.id
       AND NOT b.before->'interests' @> to_jsonb(n.interest_id)""",
    """INSERT INTO subscribers_subscription (subscriber_id, interest_id, since)
       SELECT b.id, i::bigint, now() FROM undo_back b, jsonb_array_elements_text(b.before->'interests') i
       WHERE i::bigint IN (SELECT id FROM subscribers_interest) ON CONFLICT DO NOTHING""",
    """UPDATE subscribers_subscriber s SET status = b.before->>'status', status_changed_at = now()
       FROM undo_back b WHERE b.before ? 'status' AND s.id = b.id""",
    f"""INSERT INTO subscribers_consentevent (subscriber_id, kind, source, basis, version, network, detail, by, at)
       SELECT id, 'changed', 'import', '', '', '',
       jsonb_build_object('import', %(import)s::bigint, 'row', number, 'undone', true) || {_TAKEN_BACK}, %(by)s, now()
       FROM undo_back""",  # noqa: S608  # our own SQL
    """UPDATE subscribers_importrow r SET reason = 'kept-changed'
       WHERE r.of_id = %(import)s AND r.outcome = 'changed' AND NOT EXISTS (SELECT FROM undo_back b WHERE b.number = r.number)""",
)


@dataclass(frozen=True, slots=True)
class Undone:
    """How many people were removed, how many got back what they had, and how many were left as they are."""

    removed: int
    restored: int
    kept: int


def is_kept(reason: str) -> bool:
    """Tell from a row's stored reason whether the undo of its import left the person as they were."""
    return reason.startswith("kept-")


@transaction.atomic
def undo(import_id: int, *, by: str = "") -> Undone:
    """Undo an import that is done; `by` is who wanted that. The report tells afterwards who was kept and why. Raises ImportingError."""
    with connection.cursor() as cursor:
        kept = _done(import_id, cursor)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # People whom a letter goes to while we look can't be taken away under it: their rows are locked, then looked at.
        cursor.execute(_lock_added(), {"import": import_id})
        cursor.execute(_KEPT_SINCE.format(mailed=_mailed()), {"import": import_id})
        held = cursor.rowcount
        cursor.execute(_GOING.format(number=int(import_id)))
        for statement in _REMOVE:
            cursor.execute(statement)
        removed = cursor.rowcount
        cursor.execute(_BACK.format(number=int(import_id)))
        cursor.execute("SELECT count(*) FROM undo_back")
        (restored,) = cursor.fetchone()
        for statement in _RESTORE:
            cursor.execute(statement, {"import": import_id, "by": by[:150]})
        undone = Undone(removed=removed, restored=restored, kept=held + cursor.rowcount)
    kept.status = Import.Status.UNDONE
    kept.counts = {**kept.counts, "undone": asdict(undone)}
    kept.save(update_fields=["status", "counts"])
    return undone


def _done(import_id: int, cursor: Any) -> Import:
    cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('ukebrev.import'), %s)", [import_id])
    if not cursor.fetchone()[0]:
        raise AlreadyRunningError(f"Import {import_id} is in another process's hands. Wait for it.")
    kept = Import.objects.filter(pk=import_id).first()
    if kept is None:
        raise ImportingError(f"There is no import {import_id}.")
    if kept.status != Import.Status.DONE:
        raise ImportingError(f"Import {import_id} is {kept.status}; only one that is done can be undone.")
    return kept


def _lock_added() -> str:
    return """
        SELECT count(*) FROM (SELECT s.id FROM subscribers_importrow r JOIN subscribers_subscriber s ON s.id = r.subscriber_id
        WHERE r.of_id = %(import)s AND r.outcome IN ('added', 'recorded') FOR UPDATE OF s) l
    """


def _mailed() -> str:
    """Return a condition for every table of another app that points to a person."""
    conditions = [
        _MAILED.format(table=relation.related_model._meta.db_table, column=relation.field.column)  # noqa: SLF001  # Django's own name
        for relation in Subscriber._meta.related_objects  # noqa: SLF001  # Django's own name
        if relation.related_model._meta.app_label != Subscriber._meta.app_label  # noqa: SLF001  # Django's own name
    ]
    return "\n".join(conditions)
