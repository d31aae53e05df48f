"""What would become of each row: the staged sheet held against the list and the suppressions, in two statements and no loop."""

from __future__ import annotations

from typing import Any

from subscribers.importing.changes import changes_sql
from subscribers.importing.options import Options
from subscribers.reasons import BETWEEN_VALUES

# Of rows with the same address the first counts; but one that says the person left counts before all that say nothing of it.
_PLAN = """
    DROP TABLE IF EXISTS import_plan;
    CREATE TEMP TABLE import_plan ON COMMIT DROP AS
    WITH first AS (
        SELECT address_hash, min((CASE WHEN status IN ('', 'waiting') THEN 1 ELSE 0 END)::bigint << 32 | number) & 4294967295 AS number
        FROM import_stage WHERE rejected = '' GROUP BY address_hash HAVING count(*) > 1
    )
    SELECT g.number, g.address, g.address_key, g.address_hash, g.name, g.language, g.status, g.interest_ids, g.fields, g.flags,
        CASE WHEN outcome IN ('added', 'recorded') THEN nextval('{sequence}'::regclass)
            ELSE e.id END AS sid,
        outcome,
        CASE outcome
            WHEN 'rejected' THEN g.rejected
            WHEN 'duplicate' THEN 'duplicate{between}' || first.number
            WHEN 'recorded' THEN 'recorded-' || g.status
            WHEN 'left-alone' THEN CASE
                WHEN g.status = 'waiting' THEN 'never-confirmed'
                WHEN p.reason IS NOT NULL THEN 'suppressed-' || p.reason
                WHEN g.status <> '' AND e.status = 'active' THEN 'own-doing-' || g.status
                ELSE 'is-' || e.status END
            WHEN 'changed' THEN 'elsewhere-' || g.status
            ELSE g.note END AS reason,
        CASE WHEN outcome = 'changed' THEN jsonb_build_object('status', e.status) END AS before,
        CASE WHEN outcome = 'changed' THEN jsonb_build_object('status', g.status) END AS after,
        CASE WHEN outcome = 'changed' THEN jsonb_build_object('status', jsonb_build_array(e.status, g.status)) END AS changes
    FROM import_stage g
    LEFT JOIN first ON first.address_hash = g.address_hash
    LEFT JOIN subscribers_suppression p ON p.address_hash = g.address_hash
    LEFT JOIN subscribers_subscriber e ON e.address_hash = g.address_hash
    CROSS JOIN LATERAL (SELECT CASE
        WHEN g.rejected <> '' THEN 'rejected'
        WHEN first.number <> g.number THEN 'duplicate'
        WHEN g.status = 'waiting' OR p.reason IS NOT NULL THEN 'left-alone'
        WHEN e.id IS NULL AND g.status = '' THEN 'added'
        WHEN e.id IS NULL THEN 'recorded'
        WHEN e.status = g.status OR (e.status = 'active' AND g.status = '') THEN 'unchanged'
        WHEN e.status = 'active' AND e.confirmed_at IS NULL AND e.source IN ('import', 'cli') THEN 'changed'
        ELSE 'left-alone' END AS outcome) o
"""

# What people on the list would have afterwards. An empty cell takes nothing away.
_NEW_VALUES = {
    "overwrite": """
        COALESCE(NULLIF(p.name, ''), e.name) AS name, COALESCE(p.language, e.language) AS language,
        e.fields || COALESCE(p.fields, '{}') AS fields, COALESCE(p.interest_ids, e.interest_ids) AS interest_ids
    """,
    # Who follows nothing gets everything, and would get less by following something.
    "add-interests": """
        e.name, e.language, e.fields, CASE WHEN p.interest_ids IS NULL OR e.interest_ids = '{}' THEN e.interest_ids
            ELSE ARRAY(SELECT unnest(e.interest_ids) UNION SELECT unnest(p.interest_ids) ORDER BY 1) END AS interest_ids
    """,
}
_MERGE = """
    UPDATE import_plan p SET outcome = 'changed', before = d.before, after = d.after, changes = {changes}
    FROM (
        SELECT p.number,
            jsonb_build_object('name', e.name, 'language', e.language, 'fields', e.fields, 'interests', e.interest_ids) AS before,
            jsonb_build_object('name', n.name, 'language', n.language, 'fields', n.fields, 'interests', n.interest_ids) AS after
        FROM import_plan p JOIN subscribers_subscriber e ON e.id = p.sid CROSS JOIN LATERAL (SELECT {values}) n
        WHERE p.outcome = 'unchanged' AND e.status = 'active'
    ) d
    WHERE d.number = p.number AND d.before <> d.after
"""


def plan(options: Options, cursor: Any) -> dict[str, int]:
    """Fill the table `import_plan` from `import_stage`. Return the number of rows by outcome."""
    # Asked once: looked up by name for each of a million rows, it costs more than the comparison.
    cursor.execute("SELECT pg_get_serial_sequence('subscribers_subscriber', 'id')")
    (sequence,) = cursor.fetchone()
    cursor.execute(_PLAN.replace("{sequence}", sequence).replace("{between}", BETWEEN_VALUES))
    if options.merge in _NEW_VALUES:
        changes = changes_sql("d.before", "d.after")
        cursor.execute(_MERGE.format(values=_NEW_VALUES[options.merge], changes=changes))
    cursor.execute("ANALYZE import_plan")
    return counted(cursor)


def counted(cursor: Any) -> dict[str, int]:
    """Return the number of rows of `import_plan` by outcome."""
    cursor.execute("SELECT outcome, count(*) FROM import_plan GROUP BY outcome ORDER BY outcome")
    return dict(cursor.fetchall())
