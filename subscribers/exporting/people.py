"""The people of an export, row by row from the server: a million of them take no more memory than one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db import connection, transaction

from subscribers.audiences import Audience, candidates_sql
from subscribers.models import CustomField, Interest

# Rows that the server sends together.
_TOGETHER = 2_000


@dataclass(frozen=True, slots=True)
class Person:
    """What an export tells of a person. `left_out` is why they get no mail, empty if they do."""

    address: str
    name: str
    language: str
    status: str
    interests: tuple[str, ...]
    joined: datetime
    source: str
    fields: dict[str, Any]
    left_out: str


@dataclass(frozen=True, slots=True)
class Order:
    """Who is exported: the people of an audience who get mail; with `everyone`, those too who have left or must not be mailed."""

    audience: Audience
    everyone: bool = False


def people(order: Order) -> Iterator[Person]:
    """Yield the people of an export in the order in which they came. Raises SignupError for what the audience names wrongly."""
    sql, values = candidates_sql(order.audience)
    slugs = dict(Interest.objects.values_list("pk", "slug"))
    statement = f"""
        SELECT s.address, s.name, s.language, s.status, c.interest_ids, s.created_at, s.source, s.fields, c.left_out
        FROM ({sql}) c JOIN subscribers_subscriber s ON s.id = c.id
        {"" if order.everyone else "WHERE c.left_out = ''"} ORDER BY s.id
    """  # noqa: S608  # our own SQL
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        rows = chain.from_iterable(iter(lambda: cursor.fetchmany(_TOGETHER), []))
        for address, name, language, status, ids, joined, source, fields, left_out in rows:
            follows = tuple(slug for pk, slug in slugs.items() if pk in ids)
            # Django's connections leave JSON as text for its own fields to read.
            held = json.loads(fields) if isinstance(fields, str) else fields
            yield Person(address, name, language, status, follows, joined, source, held, left_out)


def field_slugs() -> list[str]:
    """Return the organisation's own fields, in its order."""
    return list(CustomField.objects.values_list("slug", flat=True))
