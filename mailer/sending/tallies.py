"""Tallies: a batch's deliveries counted when it is given back, so that a campaign of millions is summed up from some thousand rows.

A batch that somebody works on, or in which something was changed from outside, has none: its rows are counted then.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.utils import timezone

# So many domains are told by name in each batch; those after them count together under an empty name.
_DOMAINS = 12

# Over a relation `d` that `counted` makes.
TALLY = f"""
    jsonb_build_object(
        'statuses', (SELECT COALESCE(jsonb_object_agg(status, n), '{{}}') FROM (SELECT status, sum(n) AS n FROM d GROUP BY 1) x),
        'letters', (SELECT COALESCE(jsonb_object_agg(variant_id, j), '{{}}') FROM (
            SELECT variant_id, jsonb_build_array(sum(n), COALESCE(sum(n) FILTER (WHERE status = 'sent'), 0)) AS j FROM d GROUP BY 1) x),
        'relays', (SELECT COALESCE(jsonb_object_agg(relay, j), '{{}}') FROM (
            SELECT relay, jsonb_object_agg(status, n) AS j
            FROM (SELECT relay, status, sum(n) AS n FROM d WHERE relay <> '' GROUP BY 1, 2) y GROUP BY 1) x),
        'domains', (SELECT COALESCE(jsonb_object_agg(domain, j), '{{}}') FROM (
            SELECT domain, jsonb_object_agg(status, n) AS j FROM (
                SELECT CASE WHEN r.place <= {_DOMAINS} THEN d.domain ELSE '' END AS domain, d.status, sum(d.n) AS n
                FROM d JOIN (SELECT domain, row_number() OVER (ORDER BY sum(n) DESC, domain) AS place FROM d GROUP BY 1) r
                  ON r.domain = d.domain
                GROUP BY 1, 2) y GROUP BY 1) x),
        'uncertain', (SELECT COALESCE(sum(uncertain), 0) FROM d))
"""  # noqa: S608  # our own SQL, and a number of ours


def counted(chosen: str) -> str:
    """Return the SQL of the relation that TALLY is over: the deliveries `c` that `chosen` (joins, conditions) leaves, alike ones in a row.

    These are some dozens for a batch, and each question of TALLY goes through them once.
    """
    return f"""
        SELECT c.status, c.relay, split_part(c.address_key, '@', -1) AS domain, c.variant_id, count(*) AS n,
               sum(c.uncertain) AS uncertain, min(COALESCE(c.next_attempt_at, now())) AS due_at
        FROM mailer_delivery c {chosen} GROUP BY 1, 2, 3, 4
    """  # noqa: S608  # our own SQL


def forget_tallies(campaign_id: int, batch_ids: Collection[int] | None = None) -> None:
    """Count these batches' rows anew from now on (all batches when none are given): something was changed from outside."""
    sql = "UPDATE mailer_batch SET tally = NULL WHERE campaign_id = %s AND tally IS NOT NULL"
    with connection.cursor() as cursor:
        if batch_ids is None:
            cursor.execute(sql, [campaign_id])
        else:
            cursor.execute(f"{sql} AND id = ANY(%s)", [campaign_id, list(batch_ids)])


def sent_today(relay: str) -> int:
    """Return how many messages a relay, by its name, took today, counted from the batches that were given back since midnight."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(sum((tally -> 'relays' -> %s ->> 'sent')::int), 0) FROM mailer_batch WHERE given_back_at >= %s",
            [relay, midnight],
        )
        return int(cursor.fetchone()[0])
