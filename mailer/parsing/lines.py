"""Text as numbered lines with plain spaces: the first thing that happens to plain text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# CRLF, CR, vertical tab (Word's soft break), form feed, NEL, Unicode's line and paragraph separators.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
# Soft hyphen, zero-width space and non-joiner, direction marks and isolates, word joiner, byte order mark, controls.
# The zero-width joiner stays: it holds family emoji together.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_TAB = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the source: its 1-based number, its words with single plain spaces, and how far it is indented."""

    number: int
    text: str
    indent: int = 0


def plain_text(text: str) -> str:
    """Text with one kind of line end, composed letters (NFC) and nothing invisible in it."""
    text = _SURROGATES.sub("\ufffd", text)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))


def plain_line(text: str) -> str:
    """Text as one line with single plain spaces: what a title or a heading is."""
    return " ".join(plain_text(text).split())


def is_row(text: str) -> bool:
    """Whether a line stands between bars: a row of a table, and no heading."""
    text = text.strip()
    return len(text) > 1 and text.startswith("|") and text.endswith("|")


def split_lines(text: str) -> list[Line]:
    """The lines of a text, blank ones included."""
    return [_line(number, raw) for number, raw in enumerate(plain_text(text).split("\n"), start=1)]


def _line(number: int, raw: str) -> Line:
    expanded = raw.expandtabs(_TAB)
    indent = len(expanded) - len(expanded.lstrip())
    return Line(number, _SPACES.sub(" ", raw).strip(), indent)
