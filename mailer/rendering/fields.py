"""The organisation's own fields in a text: `[[town]]`, or `[[town|where you live]]` with words for whoever has no value."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailer.rendering.slots import FieldSlot

# A reader's first name: what everybody has, without being a field of the organisation's.
NAMES = frozenset({"name", "navn"})
_WRITTEN = re.compile(r"\[\[[ \t]*([a-z][a-z0-9-]*)[ \t]*(?:\|([^\[\]|]*))?\]\]")


def cut_at_fields(text: str, fields: frozenset[str]) -> Iterator[str | FieldSlot]:
    """`text` in pieces: what stays as it was typed, and the places of `fields` (slugs).

    Only what names one of them is a place. Whatever else stands in brackets was meant to be read.
    """
    end = 0
    for match in _WRITTEN.finditer(text) if fields and "[[" in text else ():
        if match[1] in fields:
            yield text[end : match.start()]
            yield FieldSlot(match[1], " ".join((match[2] or "").split()))
            end = match.end()
    yield text[end:]
