"""Fields of a reader's own in double brackets, `[[town]]`: which don't exist, stand where none is filled in, or may be left empty."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailer.checking.findings import Sighting, seen
from mailer.checking.material import Material, Passage, card_of
from mailer.parsing.cards import Note
from mailer.rendering.fields import NAMES, cut_at_fields
from mailer.rendering.slots import FieldSlot

# Looser than what is filled in, so that [[Navn]] and [[by en]] are seen as well.
_LIKE_A_FIELD = re.compile(r"\[\[[^\[\]\n]{1,80}\]\]")
# Texts that are the same for everybody: of the inbox, of headings, of cards and pictures.
_FOR_ALL = frozenset({"title", "preheader", "part", "event", "person", "image", "note-heading"})


@dataclass(frozen=True, slots=True)
class _Written:
    """What an author wrote like a field. `slot` is None where no field is called so."""

    text: str
    passage: Passage
    works_here: bool
    slot: FieldSlot | None


def unknown_fields(material: Material) -> Iterator[Sighting]:
    """Double brackets around what is no field: readers see them. Where nobody knows which fields there are, nothing is found."""
    if material.context.fields is None:
        return
    known = ", ".join(f"[[{slug}]]" for slug in sorted(NAMES | material.context.fields))
    for found in _written(material):
        if found.slot is None:
            yield _sighting("field-unknown", found, known=known)


def misplaced_fields(material: Material) -> Iterator[Sighting]:
    """A field where every reader gets the same text: it is not filled in there."""
    for found in _written(material):
        if found.slot is not None and not found.works_here:
            yield _sighting("field-misplaced", found)


def fields_without_fallback(material: Material) -> Iterator[Sighting]:
    """A field that leaves a hole in the sentence of whoever has no value."""
    for found in _written(material):
        if found.slot is not None and found.works_here and not found.slot.fallback:
            yield _sighting("field-empty", found, slug=found.slot.slug)


def _sighting(code: str, found: _Written, **values: str) -> Sighting:
    return seen(code, found.passage.place, found.passage.line, words=found.text, **values)


def _written(material: Material) -> Iterator[_Written]:
    known = NAMES | (material.context.fields or frozenset())
    for passage in material.passages:
        for text, kind in _texts(passage):
            # The heading of a section, and no heading inside of one.
            works_here = kind not in _FOR_ALL and (kind != "heading" or passage.block is not None)
            for match in _LIKE_A_FIELD.finditer(text):
                slots = [piece for piece in cut_at_fields(match[0], known) if isinstance(piece, FieldSlot)]
                yield _Written(match[0], passage, works_here, slots[0] if slots else None)


def _texts(passage: Passage) -> Iterator[tuple[str, str]]:
    card = card_of(passage.block) if passage.block is not None else None
    if isinstance(card, Note):
        yield card.heading, "note-heading"
        yield card.text, "note"
    else:
        yield passage.prose, passage.kind


CHECKS = (unknown_fields, misplaced_fields, fields_without_fallback)
