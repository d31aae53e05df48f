"""Text that a spreadsheet would take for a formula: written so that it stays text, and read back as it was.

Source: OWASP, "CSV Injection": cells that begin with = + - @, tab or carriage return.
"""

from __future__ import annotations

import re

_STARTS = ("=", "+", "-", "@", "\t", "\r")
# A number is no formula, and would be spoilt by the mark.
_NUMBER = re.compile(r"[+-]?\d[\d .,]*")


def harmless(text: str) -> str:
    """Return the text with an apostrophe before it, if a spreadsheet would calculate it; also if it looks as if we had marked it."""
    begins = text.lstrip("'")
    if begins.startswith(_STARTS) and not (begins == text and _NUMBER.fullmatch(text)):
        return f"'{text}"
    return text


def apart(text: str) -> str:
    """Return a text for a cell that knows it is text, so that `original` gives it back: marked only if it looks marked already."""
    return f"'{text}" if original(text) != text else text


def original(text: str) -> str:
    """Return what `harmless` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_STARTS) else text
