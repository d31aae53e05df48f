"""An audience as SQL over the list: one row a candidate, and whether anybody may mail them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from subscribers.audience_filter import Audience, domain_key
from subscribers.custom_fields import field_named, known_fields
from subscribers.field_conditions import condition_sql
from subscribers.signup import interests_named

# Why nobody may mail a candidate, as an editor would name it first. The suppressed are found by one hash join over the whole list.
_CANDIDATES = """
    SELECT s.id, s.address, s.address_key, s.language, s.interest_ids,
           CASE WHEN s.status <> 'active' THEN s.status
                WHEN p.id IS NOT NULL THEN 'suppressed'
                WHEN s.paused_until >= %(today)s THEN 'paused'
                ELSE '' END AS left_out
    FROM subscribers_subscriber s
    LEFT JOIN subscribers_suppression p ON p.address_hash = s.address_hash
    WHERE s.status <> 'erased'
"""

Test = tuple[str, dict[str, Any]]


def candidates_sql(audience: Audience) -> Test:
    """Return a SELECT, with its values, of the audience's candidates: `id, address, address_key, language, interest_ids, left_out`.

    `left_out` is empty for those who get mail; else it is the person's status, `suppressed` or `paused`. For use inside one bigger
    statement. Raises what `Audience.check` raises.
    """
    audience.check()
    tests = [*_by_interests(audience), *_by_person(audience), *_by_time(audience), *_by_fields(audience)]
    values: dict[str, Any] = {"today": timezone.localdate()}
    for _sql, more in tests:
        values |= more
    return _CANDIDATES + "".join(f"      AND {sql}\n" for sql, _values in tests), values


def _by_interests(audience: Audience) -> Iterator[Test]:
    if audience.interests:
        test = f"s.interest_ids {'@>' if audience.match == 'all' else '&&'} %(interests)s::bigint[]"
        if not audience.only_followers:
            test = f"(s.interest_ids = '{{}}' OR {test})"
        yield test, {"interests": _ids(audience.interests)}
    if audience.excluded:
        yield "NOT s.interest_ids && %(excluded)s::bigint[]", {"excluded": _ids(audience.excluded)}


def _by_person(audience: Audience) -> Iterator[Test]:
    if audience.language:
        yield "s.language = %(language)s", {"language": audience.language}
    if audience.domains:
        yield "s.domain = ANY(%(domains)s)", {"domains": [domain_key(domain) for domain in audience.domains]}
    if audience.sources:
        yield "s.source = ANY(%(sources)s)", {"sources": list(audience.sources)}


def _by_time(audience: Audience) -> Iterator[Test]:
    if audience.joined_from:
        yield "s.created_at >= %(joined_from)s", {"joined_from": _start_of(audience.joined_from)}
    if audience.joined_before:
        yield "s.created_at < %(joined_before)s", {"joined_before": _start_of(audience.joined_before)}
    if audience.never_heard:
        yield "s.heard_at IS NULL", {}
    if audience.not_heard_since:
        since = {"not_heard_since": _start_of(audience.not_heard_since)}
        yield "COALESCE(s.heard_at, s.created_at) < %(not_heard_since)s", since


def _by_fields(audience: Audience) -> Iterator[Test]:
    known = known_fields() if audience.fields else {}
    for number, condition in enumerate(audience.fields):
        yield condition_sql(condition, field_named(condition.field, known), number)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _ids(slugs: tuple[str, ...]) -> list[int]:
    return [interest.pk for interest in interests_named(slugs)]
