"""Which way a piece of text is written, told from its letters."""

from __future__ import annotations

import unicodedata

# Hebrew is the first block of letters that run from right to left.
_FIRST_RIGHT_TO_LEFT = "\u0590"
_STRONG = {"L": False, "R": True, "AL": True}


def runs_from_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction of its own runs so (Unicode Annex 9, rule P2)."""
    if text.isascii() or max(text) < _FIRST_RIGHT_TO_LEFT:
        return False
    kinds = (unicodedata.bidirectional(character) for character in text)
    return next((_STRONG[kind] for kind in kinds if kind in _STRONG), False)
