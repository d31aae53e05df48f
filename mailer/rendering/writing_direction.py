"""Which way a piece of text is written, told from its letters."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Direction = Literal["ltr", "rtl"]

# A price, a telephone's number. Ranges are none: the two ends of "12–13" follow the writing around them.
_NUMBER = re.compile(r"\(?[-+−]?\d[\d\s.,()/]*%?")
_STRONG: dict[str, Direction] = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def direction_of(text: str) -> Direction | None:
    """The direction of the first letter that has one of its own (Unicode Annex 9, rule P2), in HTML's words."""
    kinds = (unicodedata.bidirectional(character) for character in text)
    return next((_STRONG[kind] for kind in kinds if kind in _STRONG), None)


def turned(text: str, around: Direction) -> Direction | None:
    """The direction that a short text must be given because it isn't that of the writing around it, or None.

    A number without letters is read from left to right; its groups of digits would change places in a line written from
    right to left (Unicode Annex 9, rules N1 and L2).
    """
    own = direction_of(text) or ("ltr" if _NUMBER.fullmatch(text.strip()) else around)
    return None if own == around else own


def isolated(html: str, text: str, around: Direction) -> str:
    """`html`, words in a line whose text is `text`, in a span of its own direction where it has one."""
    own = turned(text, around)
    return f'<span dir="{own}">{html}</span>' if own else html
