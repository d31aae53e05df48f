"""The interests of an organisation: which there are, and who follows them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q

from subscribers.models import Interest, Subscriber
from subscribers.signup import SignupError

# What a new house begins with; the organisation changes them as it likes.
DEFAULTS = (
    ("students", "studenter", "students"),
    ("entrepreneurs", "gründere", "entrepreneurs"),
    ("businesses", "næringslivet", "businesses"),
)

# What tables, files and options call those who follow nothing or anything.
_RESERVED = frozenset({"all", "any", "everyone", "everything", "none"})


def add(slug: str, *, name_nb: str, name_en: str) -> Interest:
    """Add an interest behind the others. Raises SignupError for a slug that is taken or has other letters than a-z, 0-9 and hyphens."""
    if slug in _RESERVED:
        raise SignupError(f"'{slug}' can't be an interest: the word has a meaning of its own here.")
    last = Interest.objects.aggregate(last=Max("position"))["last"]
    interest = Interest(
        slug=slug, name_nb=name_nb.strip(), name_en=name_en.strip(), position=0 if last is None else last + 1
    )
    try:
        interest.full_clean()
    except ValidationError as problem:
        raise SignupError(f"The interest '{slug}' can't be added: {' '.join(problem.messages)}") from None
    interest.save()
    return interest


def followers() -> list[tuple[Interest, int]]:
    """Return the interests with the number of active subscribers who follow each."""
    active = Q(subscriptions__subscriber__status=Subscriber.Status.ACTIVE)
    return [(i, i.number) for i in Interest.objects.annotate(number=Count("subscriptions", filter=active))]
