"""Who gets it: the sum that an editor is shown before sending, the segments of an audience, and some of its people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from subscribers.audience_filter import Audience, AudienceError
from subscribers.candidates import candidates_sql
from subscribers.models import Interest, Subscriber

# The filter and its SQL are of this subject, too, and asked for by these names.
__all__ = [
    "Audience",
    "AudienceError",
    "Count",
    "Segment",
    "Survey",
    "candidates_sql",
    "count",
    "sample",
    "segments",
    "survey",
    "survey_of",
]

SAMPLE_SIZE = 10


@dataclass(frozen=True, slots=True)
class Segment:
    """The subscribers of an audience who follow the same interests in the same language.

    `interests` are slugs in the organisation's order.
    """

    interests: tuple[str, ...]
    interest_ids: tuple[int, ...]
    language: str
    recipients: int


@dataclass(frozen=True, slots=True)
class Count:
    """The audience as a sum: candidates = recipients + everyone left out, by reason."""

    candidates: int
    recipients: int
    left_out: dict[str, int]


@dataclass(frozen=True, slots=True)
class Survey:
    """The audience as a sum, and its recipients by what they read; both of the same moment."""

    count: Count
    segments: list[Segment]


def count(audience: Audience) -> Count:
    """Return the audience as a sum, in one pass over the list."""
    rows = _grouped(candidates_sql(audience), "left_out")
    return _sum(dict(rows))


def survey(audience: Audience) -> Survey:
    """Return the audience as a sum and its segments, in one statement; the simplest combination of interests comes first."""
    return survey_of(candidates_sql(audience))


def survey_of(people: tuple[str, Mapping[str, Any]]) -> Survey:
    """Do the same for any SQL, with its values, that gives the columns of `candidates_sql`."""
    rows = _grouped(people, "left_out, interest_ids, language")
    total: dict[str, int] = {}
    for left_out, _ids, _language, number in rows:
        total[left_out] = total.get(left_out, 0) + number
    got = [(ids, language, number) for left_out, ids, language, number in rows if not left_out]
    return Survey(_sum(total), _segments(got))


def segments(audience: Audience) -> list[Segment]:
    """Return the combinations of interests and language that occur among the audience's recipients, the simplest first."""
    return survey(audience).segments


def sample(audience: Audience, size: int = SAMPLE_SIZE) -> list[Subscriber]:
    """Return some of the audience's recipients, drawn by lot, with their interests."""
    sql, values = candidates_sql(audience)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM ({sql}) c WHERE left_out = '' ORDER BY random() LIMIT %(size)s",  # noqa: S608  # our own SQL
            {**values, "size": size},
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Subscriber.objects.filter(pk__in=ids).order_by("address_key").prefetch_related("interests"))


def _grouped(people: tuple[str, Mapping[str, Any]], columns: str) -> Sequence[tuple[Any, ...]]:
    sql, values = people
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        # What PostgreSQL advises for anything but a spinning disk. With its default of 4 it reads the whole table, and not the index that
        # has all that is asked, which takes twice as long at a million people.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        cursor.execute(f"SELECT {columns}, count(*) FROM ({sql}) c GROUP BY {columns}", values)  # noqa: S608  # our own SQL
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _sum(numbers: Mapping[str, int]) -> Count:
    left_out = {reason: numbers[reason] for reason in sorted(numbers) if reason}
    recipients = numbers.get("", 0)
    return Count(candidates=recipients + sum(left_out.values()), recipients=recipients, left_out=left_out)


def _segments(rows: Sequence[tuple[list[int], str, int]]) -> list[Segment]:
    order = dict(Interest.objects.values_list("pk", "slug"))
    place = {pk: position for position, pk in enumerate(order)}
    found = [
        Segment(
            interests=tuple(order[pk] for pk in sorted(ids, key=place.__getitem__)),
            interest_ids=tuple(ids),
            language=language,
            recipients=recipients,
        )
        for ids, language, recipients in rows
    ]
    return sorted(found, key=lambda s: (len(s.interest_ids), sorted(place[pk] for pk in s.interest_ids), s.language))
