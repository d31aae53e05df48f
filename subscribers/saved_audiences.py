"""Audiences under a name, that editors choose from."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from subscribers.audience_filter import Audience, AudienceError
from subscribers.models import SavedAudience
from subscribers.signup import one_line

# slugify knows no Norwegian: it would leave these letters out.
_WRITTEN_OUT = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "Æ": "ae", "Ø": "o", "Å": "a"})


def saved() -> list[SavedAudience]:
    """Return all saved audiences by name."""
    return list(SavedAudience.objects.all())


def audience_named(name: str) -> SavedAudience:
    """Return the saved audience with this slug or name. Raises AudienceError that tells which there are."""
    found = _found(name)
    if found is None:
        there = ", ".join(SavedAudience.objects.values_list("slug", flat=True)) or "none yet"
        raise AudienceError(f"There is no audience '{name}'. There are: {there}.")
    return found


def has_name(name: str) -> bool:
    """Tell whether a saved audience has this slug or name."""
    return _found(name) is not None


def _found(name: str) -> SavedAudience | None:
    audiences = SavedAudience.objects.all()
    return audiences.filter(slug=name.lower()).first() or audiences.filter(name__iexact=name).first()


@transaction.atomic
def save(name: str, audience: Audience, *, by: str = "", replace: bool = False) -> SavedAudience:
    """Keep an audience under a name. Raises AudienceError for a name that is taken, unless `replace`, and what `check` raises."""
    audience.check()
    slug = _slug(name)
    existing = SavedAudience.objects.select_for_update().filter(slug=slug).first()
    if existing is not None and not replace:
        raise AudienceError(f"There is an audience '{slug}' already. Give this one another name, or replace that one.")
    kept = existing or SavedAudience(slug=slug)
    kept.name, kept.filter, kept.by = one_line(name), audience.as_json(), by
    _store(kept)
    return kept


@transaction.atomic
def rename(name: str, new_name: str) -> SavedAudience:
    """Give an audience another name; its slug follows. Raises AudienceError."""
    kept = audience_named(name)
    slug = _slug(new_name)
    if SavedAudience.objects.filter(slug=slug).exclude(pk=kept.pk).exists():
        raise AudienceError(f"There is an audience '{slug}' already.")
    kept.name, kept.slug = one_line(new_name), slug
    _store(kept)
    return kept


def delete(name: str) -> SavedAudience:
    """Forget an audience. Campaigns keep their own copy of what they were sent to. Raises AudienceError."""
    kept = audience_named(name)
    kept.delete()
    return kept


def _slug(name: str) -> str:
    slug = slugify(one_line(name).translate(_WRITTEN_OUT))[:60].strip("-")
    if not slug:
        raise AudienceError(f"'{name[:40]}' is no name for an audience: it needs a letter or a digit.")
    return slug


def _store(kept: SavedAudience) -> None:
    try:
        kept.full_clean(validate_unique=False, exclude=["filter"])
    except ValidationError as problem:
        raise AudienceError(f"The audience can't be kept: {' '.join(problem.messages)}") from None
    kept.save()
