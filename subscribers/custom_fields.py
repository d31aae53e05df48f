"""The organisation's own fields: which there are, and what people have in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils import translation

from subscribers.field_values import FieldError, read_value
from subscribers.models import ConsentEvent, CustomField, SavedAudience, Subscriber
from subscribers.signup import one_line

# Slots that every letter has; a field of this name would never be seen.
_RESERVED = frozenset({"name", "address", "email", "language", "interests", "status", "source", "domain"})


def known_fields() -> dict[str, CustomField]:
    """Return the organisation's fields by slug, in its order."""
    return {field.slug: field for field in CustomField.objects.all()}


def field_named(slug: str, among: Mapping[str, CustomField] | None = None) -> CustomField:
    """Return a field. Raises FieldError that tells which there are."""
    known = known_fields() if among is None else among
    if slug not in known:
        raise FieldError(f"There is no field '{slug}'. There are: {', '.join(known) or 'none yet'}.")
    return known[slug]


def define(slug: str, *, name_nb: str, name_en: str, kind: str = "text", choices: Iterable[str] = ()) -> CustomField:
    """Add a field behind the others. Raises FieldError."""
    if slug in _RESERVED:
        raise FieldError(f"'{slug}' can't be a field: every subscriber has it already.")
    last = CustomField.objects.aggregate(last=Max("position"))["last"]
    field = CustomField(
        slug=slug,
        name_nb=one_line(name_nb),
        name_en=one_line(name_en),
        kind=kind,
        choices=_choices(choices),
        position=0 if last is None else last + 1,
    )
    _save(field)
    return field


@transaction.atomic
def change(
    slug: str,
    *,
    name_nb: str = "",
    name_en: str = "",
    choices: Iterable[str] | None = None,
    position: int | None = None,
) -> CustomField:
    """Change what a field is called, its choices or its place; its slug and kind stay, as values and letters depend on them.

    Raises FieldError, also when a choice that people have would go.
    """
    field = field_named(slug)
    field.name_nb = one_line(name_nb) or field.name_nb
    field.name_en = one_line(name_en) or field.name_en
    field.position = field.position if position is None else position
    if choices is not None:
        kept = _choices(choices)
        for gone in (choice for choice in field.choices if choice not in kept):
            if people := Subscriber.objects.filter(**{f"fields__{slug}": gone}).count():
                raise FieldError(f"{people} have '{gone}' in the field '{slug}'. Give them another value first.")
        field.choices = kept
    _save(field)
    return field


@transaction.atomic
def remove(slug: str) -> int:
    """Remove a field with everybody's values. Return how many had one. Raises FieldError when a saved audience asks for it."""
    field = field_named(slug)
    for saved in SavedAudience.objects.all():
        if any(condition.get("field") == slug for condition in saved.filter.get("fields", ())):
            raise FieldError(f"The audience '{saved.slug}' asks for the field '{slug}'. Delete it first.")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE subscribers_subscriber SET fields = fields - %(slug)s WHERE fields ? %(slug)s", {"slug": slug}
        )
        had = int(cursor.rowcount)
    field.delete()
    return had


def in_use() -> list[tuple[CustomField, int]]:
    """Return the fields with the number of people who have a value in each, in one pass over the list."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, count(*) FROM subscribers_subscriber s, jsonb_object_keys(s.fields) AS key"
            " WHERE s.fields <> '{}' GROUP BY key"
        )
        numbers: dict[str, int] = dict(cursor.fetchall())
    return [(field, numbers.get(field.slug, 0)) for field in known_fields().values()]


@transaction.atomic
def set_values(subscriber_id: int, texts: Mapping[str, str], *, source: str, by: str = "") -> Subscriber:
    """Set fields of one person; an empty text takes the value away. Raises FieldError, and then changes nothing.

    The log keeps which fields were changed, and not their values: it can't be changed when the person wants them gone.
    """
    known = known_fields()
    read = {slug: read_value(field_named(slug, known), text) if text.strip() else None for slug, text in texts.items()}
    subscriber = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber_id)
    if subscriber.status == Subscriber.Status.ERASED:
        raise FieldError("This person was erased, and nothing more is kept about them.")
    merged = {slug: value for slug, value in {**subscriber.fields, **read}.items() if value is not None}
    changed = sorted(slug for slug in read if merged.get(slug) != subscriber.fields.get(slug))
    if changed:
        subscriber.fields = merged
        subscriber.save(update_fields=["fields"])
        ConsentEvent.objects.create(
            subscriber=subscriber, kind=ConsentEvent.Kind.CHANGED, source=source, by=by, detail={"fields": changed}
        )
    return subscriber


def _choices(texts: Iterable[str]) -> list[str]:
    lines = (one_line(text) for text in texts)
    return list({line.casefold(): line for line in lines if line}.values())


def _save(field: CustomField) -> None:
    is_choice = field.kind == CustomField.Kind.CHOICE
    if is_choice != bool(field.choices):
        wants = "needs choices" if is_choice else f"is a {field.kind} and has no choices"
        raise FieldError(f"The field '{field.slug}' {wants}.")
    try:
        field.full_clean()
    except ValidationError as problem:
        with translation.override("en"):
            said = " ".join(problem.messages)
        raise FieldError(f"The field '{field.slug}' can't be kept: {said}") from None
    field.save()
