"""How fast questions over a list of a million people are, on a PostgreSQL of its own: the count of an audience, a page of the list."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.measuring import median_seconds

PEOPLE = 1_000_000
INTERESTS = 12

# A third follows nothing, a third one interest, a third up to three; one in ten reads English; about one in twelve gets nothing.
_PEOPLE = """
    INSERT INTO subscribers_subscriber (
        address, address_key, address_hash, name, language, status, status_changed_at, created_at, interest_ids, source, fields, flags,
        paused_until, heard_at
    )
    SELECT q.address, q.address, sha256(q.address::bytea),
           (ARRAY['Kari', 'Ola', 'Åse', 'Ærlig', 'Øystein', 'Marit', 'Jonas', 'Per'])[1 + n % 8] || ' ' ||
           (ARRAY['Nordmann', 'Hansen', 'Johansen', 'Olsen', 'Larsen'])[1 + n / 8 % 5],
           CASE WHEN n % 10 = 0 THEN 'en' ELSE 'nb' END,
           CASE WHEN n % 20 = 0 THEN 'unsubscribed' WHEN n % 50 = 1 THEN 'bounced' WHEN n % 100 = 3 THEN 'pending' ELSE 'active' END,
           now(), now() - n * interval '1 minute',
           CASE n % 3 WHEN 0 THEN '{}'::bigint[] WHEN 1 THEN ARRAY[ids[1 + n % 12]]
                ELSE (SELECT array_agg(DISTINCT x) FROM unnest(ARRAY[ids[1 + n % 12], ids[1 + n / 12 % 12], ids[1 + n / 144 % 12]]) x) END,
           (ARRAY['page', 'import', 'embedded', 'cli'])[1 + n / 5 % 4],
           CASE WHEN n % 4 = 0 THEN jsonb_build_object('employees', n % 100) ELSE '{}'::jsonb END, '{}',
           CASE WHEN n % 500 = 0 THEN current_date + 5 END, CASE WHEN n % 2 = 0 THEN now() - n * interval '1 hour' END
    FROM (SELECT n, 'reader' || n || '@' || (ARRAY['example.com', 'example.org', 'example.net'])[1 + n % 3] AS address
          FROM generate_series(1, %(people)s) n) q,
         (SELECT array_agg(id ORDER BY id) AS ids FROM subscribers_interest) i
"""
_SUPPRESSIONS = """
    INSERT INTO subscribers_suppression (address_hash, reason, created_at)
    SELECT address_hash, 'blocked', now() FROM subscribers_subscriber WHERE id % 100 = 0
"""


def measure() -> dict[str, float]:
    """Return the figures, in milliseconds. Starts and stops the server that it needs, and leaves nothing."""
    with tempfile.TemporaryDirectory(prefix="ukebrev-bench-") as place:
        Path(place).chmod(0o711)
        for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL"):
            os.environ.pop(name, None)
        os.environ["UKEBREV_VAR"] = str(Path(place) / "var")
        from mailer.cli.starting import house

        with house():
            _fill()
            return _figures()


def _figures() -> dict[str, float]:
    from subscribers.audiences import Audience, count, survey
    from subscribers.listing import Listing, list_page

    two = Audience(interests=("interest-01", "interest-02"), language="nb")
    page = Listing(status="active", interests=("interest-03",), sort="name")
    listed = list_page(page)
    if count(Audience()).candidates != PEOPLE or len(listed.people) != page.limit:
        raise RuntimeError("The list is not what was to be measured: the figures would mean nothing.")
    return {
        "audience_count_1m_ms": _ms(median_seconds(lambda: count(Audience()))),
        "audience_of_interests_count_1m_ms": _ms(median_seconds(lambda: count(two))),
        "audience_survey_1m_ms": _ms(median_seconds(lambda: survey(Audience()))),
        "subscriber_page_1m_ms": _ms(median_seconds(lambda: list_page(page))),
        "subscriber_search_1m_ms": _ms(median_seconds(lambda: list_page(Listing(search="reader99999")))),
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000)


def _fill() -> None:
    from django.db import connection

    from subscribers.models import Interest

    Interest.objects.all().delete()
    Interest.objects.bulk_create(
        Interest(slug=f"interest-{number:02}", name_nb="a", name_en="a", position=number) for number in range(INTERESTS)
    )
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE.replace("% ", "%% "), {"people": PEOPLE})
        cursor.execute(_SUPPRESSIONS)
        # What autovacuum does by itself within minutes of so many new rows.
        cursor.execute("VACUUM ANALYZE subscribers_subscriber")
        cursor.execute("VACUUM ANALYZE subscribers_suppression")
