"""Text that a spreadsheet would take for a formula: written so that it stays text, and read back as it was.

Source: OWASP, "CSV Injection": cells that begin with = + - @, tab, carriage return or line feed, in full width as well. Blanks before
a sign don't help: programs drop them.
"""

from __future__ import annotations

import re

# Blanks of every kind, control characters, and signs without a width: nothing that a reader sees before the sign.
_UNSEEN = r"\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2060\ufeff"
# With our own marks before it: what looks marked is marked once more, so that one mark can be taken away again.
_CALCULATED = re.compile(rf"'*(?:[\t\r\n]|[{_UNSEEN}]*[=+\-@＝＋－＠])")  # the full width is the point
# A number is no formula, and would be spoilt by the mark.
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*")


def harmless(text: str) -> str:
    """Return the text with an apostrophe before it, if a spreadsheet would calculate it; also if it looks as if we had marked it."""
    return f"'{text}" if _CALCULATED.match(text) and not _NUMBER.fullmatch(text) else text


def harmless_again(cell: str) -> str:
    """Return a cell that was read from a sheet so that it is harmless and `original` makes of it what it made of the cell."""
    return cell if original(cell) != cell else harmless(cell)


def apart(text: str) -> str:
    """Return a text for a cell that knows it is text, so that `original` gives it back: marked only if it looks marked already."""
    return f"'{text}" if original(text) != text else text


def original(text: str) -> str:
    """Return what `harmless` was given."""
    return text[1:] if text.startswith("'") and _CALCULATED.match(text) else text
