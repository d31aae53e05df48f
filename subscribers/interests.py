"""The interests of an organisation: which there are, and who follows them."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Max
from django.utils import translation

from subscribers.models import Interest
from subscribers.signup import SignupError, interests_named, one_line

# What a new house begins with; the organisation changes them as it likes.
DEFAULTS = (
    ("students", "studenter", "students"),
    ("entrepreneurs", "gründere", "entrepreneurs"),
    ("businesses", "næringslivet", "businesses"),
)

# What somebody follows has to fit into a row of the index that audiences are counted with.
MOST = 200

_TEXTS = ("name_nb", "name_en", "description_nb", "description_en")

# What tables, files and options call those who follow nothing or anything.
_RESERVED = frozenset({"all", "any", "everyone", "everything", "none"})


def add(slug: str, *, name_nb: str, name_en: str, description_nb: str = "", description_en: str = "") -> Interest:
    """Add an interest behind the others. Raises SignupError for a slug that is taken or has other letters than a-z, 0-9 and hyphens."""
    if slug in _RESERVED:
        raise SignupError(f"'{slug}' can't be an interest: the word has a meaning of its own here.")
    if Interest.objects.count() >= MOST:
        raise SignupError(f"There are {MOST} interests already, and nobody can choose among more.")
    last = Interest.objects.aggregate(last=Max("position"))["last"]
    interest = Interest(
        slug=slug,
        name_nb=one_line(name_nb),
        name_en=one_line(name_en),
        description_nb=one_line(description_nb),
        description_en=one_line(description_en),
        position=0 if last is None else last + 1,
    )
    _save(interest)
    return interest


def change(slug: str, *, position: int | None = None, **texts: str | None) -> Interest:
    """Change what an interest is called, what is said of it, or its place.

    `texts` are `name_nb`, `name_en`, `description_nb`, `description_en`: None leaves one as it is, and an empty description goes. The
    slug stays, as issues name it. Raises SignupError.
    """
    (interest,) = interests_named([slug])
    for column in _TEXTS:
        text = texts.get(column)
        if text is not None:
            setattr(interest, column, one_line(text))
    interest.position = interest.position if position is None else position
    _save(interest)
    return interest


def _save(interest: Interest) -> None:
    try:
        interest.full_clean()
    except ValidationError as problem:
        # Commands speak English, whatever language the organisation has.
        with translation.override("en"):
            said = " ".join(f"{column}: {' '.join(texts)}" for column, texts in problem.message_dict.items())
        raise SignupError(f"The interest '{interest.slug}' can't be kept. {said}") from None
    interest.save()


def followers() -> list[tuple[Interest, int]]:
    """Return the interests with the number of active subscribers who follow each."""
    numbers = {(row.interest, row.other): row.people for row in overlap()}
    return [(interest, numbers[interest.slug, interest.slug]) for interest in Interest.objects.all()]


@dataclass(frozen=True, slots=True)
class Shared:
    """How many active subscribers follow both of two interests; with an interest and itself, how many follow it. By slug."""

    interest: str
    other: str
    people: int


# The people are counted once by what they follow; what remains are some thousand combinations.
_OVERLAP = """
    WITH kinds AS (
        SELECT interest_ids, count(*) AS people FROM subscribers_subscriber WHERE status = 'active' GROUP BY interest_ids
    ), pairs AS (
        SELECT x.id AS one, y.id AS other, sum(kinds.people) AS people
        FROM kinds, unnest(kinds.interest_ids) AS x(id), unnest(kinds.interest_ids) AS y(id) GROUP BY x.id, y.id
    )
    SELECT a.slug, b.slug, COALESCE(pairs.people, 0)::bigint
    FROM subscribers_interest a CROSS JOIN subscribers_interest b
    LEFT JOIN pairs ON pairs.one = a.id AND pairs.other = b.id
    ORDER BY a.position, a.slug, b.position, b.slug
"""


def overlap() -> list[Shared]:
    """Return each pair of interests with how many follow both, row by row of a table, in the organisation's order. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERLAP)
        return [Shared(*row) for row in cursor.fetchall()]
