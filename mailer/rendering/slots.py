"""Slots: the places in a rendered letter that are filled for each recipient, written `@@NAME@@`.

They look like this because `{{ }}` would be a template and does not survive in an address (it becomes `%7B`).
A slot of one of the organisation's own fields carries its field's slug and, in hexadecimal, what stands there for whoever has no value:
`@@FIELD:town:796f757220746f776e@@`. `fields.py` makes them of what an author wrote.

What an author typed is never a slot: every `@` of theirs travels through templates and tools as GUARD, a code point
that Unicode reserves for such use and that `typed` takes out of all input, and is put back at the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape as escape_html
from urllib.parse import quote

NAMES = frozenset({"GREETING", "PREFERENCES_URL", "RECIPIENT_NAME", "UNSUBSCRIBE_URL", "WEB_URL"})
SLOT = re.compile(r"@@([A-Z][A-Z_]*|FIELD:[a-z][a-z0-9-]*:[0-9a-f]*)@@")
GUARD = "\ufdd0"
_URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=-._~"  # RFC 3986, 2.2 and 2.3: quoting these would change an address
AT_SIGN = "AT"  # a slot that fills itself: in plain text, an author's @ beside another one

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FIELD = "FIELD:"
# What a field's value is taken to be wide where nobody knows it: a short word.
_GUESSED_VALUE = "x" * 10
_CROWDED_GUARD = re.compile(f"{GUARD}(?=[@{GUARD}])|(?<=[@{GUARD}]){GUARD}")


class SlotError(ValueError):
    """A slot that nobody knows, or a known one without a value."""


@dataclass(frozen=True, slots=True)
class FieldSlot:
    """The place of a field's value. `name` is that of the slot; `fallback` stands there where there is no value."""

    slug: str
    fallback: str = ""

    @property
    def name(self) -> str:
        """As it stands between the @@."""
        return f"{_FIELD}{self.slug}:{clean(self.fallback).encode().hex()}"

    def __str__(self) -> str:
        return f"@@{self.name}@@"


def field_slot(name: str) -> FieldSlot | None:
    """The field whose value a slot of this name takes; None where it is none's."""
    if not name.startswith(_FIELD):
        return None
    _, slug, fallback = name.split(":")
    try:
        return FieldSlot(slug, bytes.fromhex(fallback).decode("utf-8", "replace"))
    except ValueError:
        # Half a byte: no author can have written it.
        return FieldSlot(slug)


def about_as_wide(text: str) -> str:
    """`text` with something of the likely width in place of its fields' slots."""

    def stand_in(match: re.Match[str]) -> str:
        field = field_slot(match[1])
        return (field.fallback or _GUESSED_VALUE) if field else match[0]

    return SLOT.sub(stand_in, text) if _FIELD in text else text


def value_of(name: str, values: Mapping[str, str]) -> str:
    """What a slot is filled with. Raises SlotError where it has no value; a field's has at least its fallback."""
    if name in values:
        return values[name]
    if field := field_slot(name):
        return field.fallback
    raise SlotError(f"The slot @@{name}@@ has no value.")


# The same headings, names and paragraphs pass here for every letter of an issue.
@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """`text` without what no page can hold: control characters and noncharacters (XML 1.0, 2.2); line ends are LF."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _UNPRINTABLE.sub("", text))


def typed(text: str) -> str:
    """`text`, that someone typed, made fit for a template: clean, and unable to form a slot."""
    return clean(text).replace("@", GUARD)


def typed_line(text: str) -> str:
    """The same for what has to be one line: a heading, a name."""
    return " ".join(typed(text).split())


def typed_attribute(text: str) -> str:
    """What someone typed as the inside of an HTML attribute, quoted with ".

    In ASCII: mrml writes attributes as Rust does a string for debugging, so that a backslash comes out as two, and half
    of an emoji as its number in braces. Entities pass as they are. Angle brackets are numbers, for lxml would write
    them as they are, and a comment could begin there.
    """
    escaped = escape_html(" ".join(clean(text).split())).replace("\\", "&#92;").replace("@", "&#64;")
    escaped = escaped.replace("&lt;", "&#60;").replace("&gt;", "&#62;")
    return escaped.encode("ascii", "xmlcharrefreplace").decode("ascii")


def typed_address(url: str) -> str:
    """The same for an address: a pair of @, that could form a slot, is percent-encoded, for lxml resolves entities there."""
    return escape_html(quote(clean(url).replace("@@", "%40%40"), safe=_URL_CHARACTERS))


def restore(text: str) -> str:
    """`text` with its guards as @ again, for what has no slots: a subject."""
    return text.replace(GUARD, "@")


def restore_html(html: str) -> str:
    """HTML with its guards as the entity for @, which a slot's pattern can't match."""
    return html.replace(GUARD, "&#64;")


def restore_text(text: str) -> str:
    """Plain text with its guards as @, or as the slot that fills itself with @ where two would meet."""
    return restore(_CROWDED_GUARD.sub(f"@@{AT_SIGN}@@", text))


def names_in(content: str) -> frozenset[str]:
    """The slots of `content` that need a value, which those of fields don't. Raises SlotError for one that no sender knows."""
    found = frozenset(name for name in SLOT.findall(content) if not field_slot(name)) - {AT_SIGN}
    if unknown := sorted(found - NAMES):
        raise SlotError(
            f"The letter has the slot @@{unknown[0]}@@, which nobody fills. Known are: {', '.join(sorted(NAMES))}."
        )
    return found


def fill(content: str, values: Mapping[str, str], *, escape: bool) -> str:
    """HTML (`escape` true) or plain text with its slots filled. Raises SlotError for a slot without a value.

    A field without one gets its fallback.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name == AT_SIGN:
            return "@"
        written = value_of(name, values)
        return escape_html(written) if escape else written

    return SLOT.sub(value, content)
