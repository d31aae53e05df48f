"""The organisation's own fields in letters: which of them a letter has places for, and what stands there for one reader."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from mailer.rendering.fields import NAMES
from mailer.rendering.greeting import first_name
from mailer.rendering.slots import FieldSlot, field_slot
from mailer.rendering.words import language_for
from subscribers.custom_fields import known_fields
from subscribers.field_values import Value, values_for_letter
from subscribers.models import CustomField

# By the letter's number. A letter never changes once it is frozen.
_has_fields: dict[int, bool] = {}
_MANY_LETTERS = 4096


@dataclass(frozen=True, slots=True)
class FieldsInLetter:
    """The places of one letter by their slots' names, and what is needed to fill them. `language` is that of the words around them."""

    places: Mapping[str, FieldSlot]
    known: Mapping[str, CustomField]
    language: str

    def values(self, name: str, fields: Mapping[str, Value]) -> dict[str, str]:
        """Return what stands in each slot for a reader with this name and these values; the slot's fallback where there is nothing."""
        said = dict.fromkeys(NAMES, first_name(name))
        if fields:
            said |= values_for_letter(fields, language=self.language, known=self.known)
        return {place: said.get(slot.slug) or slot.fallback for place, slot in self.places.items()}


def writable_fields() -> frozenset[str]:
    """Return what an author may write in double brackets: a reader's name, and the organisation's fields."""
    return NAMES.union(known_fields())


def fields_in(names: Iterable[str], language: str) -> FieldsInLetter | None:
    """Return the fields among a letter's slots, by the names of those; None where it has none.

    A field that was removed since the letter was frozen has no values any more.
    """
    places = {name: slot for name in names if (slot := field_slot(name))}
    if not places:
        return None
    wanted = {slot.slug for slot in places.values()}
    known = {slug: field for slug, field in known_fields().items() if slug in wanted}
    return FieldsInLetter(places, known, language_for(language))


def values_of(readers: Mapping[int, int]) -> dict[int, dict[str, Value]]:
    """Return the values of those readers whose letters have places for them. `readers` tells each one's letter: subscriber to variant.

    Where no letter has any, this asks once for each letter and process, and then nothing.
    """
    letters = _with_fields(set(readers.values()))
    wanted = [subscriber_id for subscriber_id, variant_id in readers.items() if variant_id in letters]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, fields::text FROM subscribers_subscriber WHERE id = ANY(%s)", [wanted])
        return {subscriber_id: json.loads(fields) for subscriber_id, fields in cursor.fetchall()}


def _with_fields(variant_ids: set[int]) -> set[int]:
    """Those letters that have places for fields. The text is the smaller of a letter's two halves, and has the same ones."""
    if missing := [variant_id for variant_id in variant_ids if variant_id not in _has_fields]:
        if len(_has_fields) > _MANY_LETTERS:
            _has_fields.clear()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, position('@@FIELD:' in text) > 0 FROM mailer_variant WHERE id = ANY(%s)", [missing]
            )
            _has_fields.update(cursor.fetchall())
    return {variant_id for variant_id in variant_ids if _has_fields.get(variant_id)}
