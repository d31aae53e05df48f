"""Who gets it: an audience, told as a filter over the list, and the sum that an editor is shown before sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.db import connection

from subscribers.models import Interest
from subscribers.signup import check_language, interests_named


@dataclass(frozen=True, slots=True)
class Audience:
    """Which subscribers a campaign goes to. Interests are slugs; none means the whole list.

    Someone who follows no interest gets every section, as the sign-up page promises, and so belongs to any audience of interests
    unless `only_followers` is set.
    """

    interests: tuple[str, ...] = ()
    match: Literal["any", "all"] = "any"
    language: str = ""
    excluded: tuple[str, ...] = ()
    only_followers: bool = False

    def as_json(self) -> dict[str, Any]:
        """The form kept with a campaign."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Audience:
        """Read the form kept with a campaign."""
        return cls(**{**kept, "interests": tuple(kept["interests"]), "excluded": tuple(kept["excluded"])})

    def check(self) -> None:
        """Raise SignupError for an interest or a language that does not exist."""
        interests_named((*self.interests, *self.excluded))
        if self.language:
            check_language(self.language)


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


# One row a candidate: the ids followed (sorted) and, if nobody may mail them, why, as an editor would name it first.
_CANDIDATES = """
    SELECT s.id, s.address, s.address_key, s.language, f.ids AS interest_ids,
           CASE WHEN s.status <> 'active' THEN s.status
                WHEN EXISTS (SELECT 1 FROM subscribers_suppression p WHERE p.address_hash = s.address_hash) THEN 'suppressed'
                ELSE '' END AS left_out
    FROM subscribers_subscriber s
    CROSS JOIN LATERAL (
        SELECT COALESCE(array_agg(n.interest_id ORDER BY n.interest_id), '{}') AS ids
        FROM subscribers_subscription n WHERE n.subscriber_id = s.id
    ) f
    WHERE s.status <> 'erased'
      AND (%(language)s = '' OR s.language = %(language)s)
      AND NOT f.ids && %(excluded)s::bigint[]
      AND (%(everyone)s
           OR (cardinality(f.ids) = 0 AND NOT %(only_followers)s)
           OR (%(match_all)s AND f.ids @> %(interests)s::bigint[])
           OR (NOT %(match_all)s AND f.ids && %(interests)s::bigint[]))
"""


def candidates_sql(audience: Audience) -> tuple[str, dict[str, Any]]:
    """Return a SELECT, with its values, of the audience's candidates: `id, address, address_key, language, interest_ids, left_out`.

    `left_out` is empty for those who get mail. For use inside one bigger statement; raises SignupError for an unknown interest.
    """
    audience.check()
    return _CANDIDATES, {
        "everyone": not audience.interests,
        "interests": [interest.pk for interest in interests_named(audience.interests)],
        "excluded": [interest.pk for interest in interests_named(audience.excluded)],
        "match_all": audience.match == "all",
        "only_followers": audience.only_followers,
        "language": audience.language,
    }


def count(audience: Audience) -> Count:
    """Return the audience as a sum."""
    sql, values = candidates_sql(audience)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT left_out, count(*) FROM ({sql}) c GROUP BY left_out ORDER BY left_out", values)  # noqa: S608  # our own SQL
        rows: dict[str, int] = dict(cursor.fetchall())
    recipients = rows.pop("", 0)
    return Count(candidates=recipients + sum(rows.values()), recipients=recipients, left_out=rows)


def segments(audience: Audience) -> list[Segment]:
    """Return the combinations of interests and language that occur among the audience's recipients, the simplest first."""
    sql, values = candidates_sql(audience)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT interest_ids, language, count(*) FROM ({sql}) c WHERE left_out = '' GROUP BY 1, 2",  # noqa: S608  # our own SQL
            values,
        )
        rows = cursor.fetchall()
    order = _interest_order()
    found = [
        Segment(
            interests=tuple(slug for pk, slug in order.items() if pk in ids),
            interest_ids=tuple(ids),
            language=language,
            recipients=recipients,
        )
        for ids, language, recipients in rows
    ]
    place = {slug: position for position, slug in enumerate(order.values())}
    return sorted(found, key=lambda s: (len(s.interests), [place[slug] for slug in s.interests], s.language))


def _interest_order() -> dict[int, str]:
    return dict(Interest.objects.values_list("pk", "slug"))
