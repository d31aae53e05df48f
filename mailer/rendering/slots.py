"""Slots: the places in a rendered letter that are filled for each recipient, written `@@NAME@@`.

They look like this because `{{ }}` would be a template and does not survive in an address (it becomes `%7B`).
What an author typed is never a slot: every `@` of theirs travels through templates and tools as GUARD, a code point
that Unicode reserves for such use and that `typed` takes out of all input, and is put back at the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape as escape_html
from urllib.parse import quote

NAMES = frozenset({"GREETING", "PREFERENCES_URL", "RECIPIENT_NAME", "UNSUBSCRIBE_URL", "WEB_URL"})
SLOT = re.compile(r"@@([A-Z][A-Z_]*)@@")
GUARD = "\ufdd0"
_URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=-._~"  # RFC 3986, 2.2 and 2.3: quoting these would change an address
AT_SIGN = "AT"  # a slot that fills itself: in plain text, an author's @ beside another one

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CROWDED_GUARD = re.compile(f"{GUARD}(?=[@{GUARD}])|(?<=[@{GUARD}]){GUARD}")


class SlotError(ValueError):
    """A slot that nobody knows, or a known one without a value."""


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
    """The slots of `content` that need a value. Raises SlotError for one that no sender knows."""
    found = frozenset(SLOT.findall(content)) - {AT_SIGN}
    if unknown := sorted(found - NAMES):
        raise SlotError(
            f"The letter has the slot @@{unknown[0]}@@, which nobody fills. Known are: {', '.join(sorted(NAMES))}."
        )
    return found


def fill(content: str, values: Mapping[str, str], *, escape: bool) -> str:
    """HTML (`escape` true) or plain text with its slots filled. Raises SlotError for a slot without a value."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name == AT_SIGN:
            return "@"
        if name not in values:
            raise SlotError(f"The slot @@{name}@@ has no value.")
        return escape_html(values[name]) if escape else values[name]

    return SLOT.sub(value, content)
