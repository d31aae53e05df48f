"""What an import changed of a person, in the form that the consent log has for changes, made by the database for all of them at once."""

from __future__ import annotations

_SLUGS = """(SELECT COALESCE(jsonb_agg(i.slug ORDER BY i.position, i.slug), '[]') FROM subscribers_interest i
                WHERE {side}->'interests' @> to_jsonb(i.id))"""
# Of fields, and of the name, only which: the log can't be changed when somebody wants a value gone.
_CHANGES = """
    jsonb_strip_nulls(jsonb_build_object(
        'status', CASE WHEN {a}->'status' <> {b}->'status' THEN jsonb_build_array({a}->'status', {b}->'status') END,
        'language', CASE WHEN {a}->'language' <> {b}->'language' THEN jsonb_build_array({a}->'language', {b}->'language') END,
        'interests', CASE WHEN {a}->'interests' <> {b}->'interests' THEN jsonb_build_array({slugs_a}, {slugs_b}) END,
        'fields', NULLIF(to_jsonb(ARRAY(
            SELECT 'name' WHERE {a}->'name' <> {b}->'name'
            UNION SELECT key FROM jsonb_each({a}->'fields') WHERE {b}->'fields'->key IS DISTINCT FROM value
            UNION SELECT key FROM jsonb_each({b}->'fields') WHERE {a}->'fields'->key IS DISTINCT FROM value
            ORDER BY 1)), '[]')
    ))
"""


def changes_sql(before: str, after: str) -> str:
    """Return an expression: what differs between two columns like `ImportRow.before` and `after`, as {name: [before, after]}.

    Interests are by slug; `fields` is a list of the slugs that changed.
    """
    return _CHANGES.format(a=before, b=after, slugs_a=_SLUGS.format(side=before), slugs_b=_SLUGS.format(side=after))
