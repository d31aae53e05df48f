"""How the columns of a table are set, read off its cells: the same in HTML and in plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.token import Token

from mailer.rendering.markdown import text_of
from mailer.rendering.text_layout import width_of

MOST_COLUMNS = 3  # that a phone has room for
_NARROW_CELL = 16  # characters
# Of the narrowest phone's 320 px, without the side margins; lists and quotations around a table take up to 32 more.
_ROOM_PX = 280
_INDENT_PX = 32
_GAP_PX = 12
# As wide as the widest of the fonts that the table may be set in.
_LETTER_PX = 8
_CAPITAL_PX = 11
_WIDEST_PX = 15
_WIDEST = frozenset("WMwm@%—")
# What a column with an endless word is left with: enough to break the word in.
_BROKEN_PX = 48
# Dates, and numbers with what they count, may be kept whole.
_BETWEEN_WORDS = re.compile(r"(?<!\d\.)(?<!\d)\s+(?!\d)")
_NUMBER = re.compile(r"[-+−]?[\d\s.,]*\d\s?%?")


@dataclass(frozen=True, slots=True)
class Column:
    """`align` is "", "center" or "right"; a `narrow` column never wraps, and one that `keeps_words` only between words."""

    align: str
    narrow: bool
    keeps_words: bool


def columns(tokens: Sequence[Token]) -> list[Column]:
    """The columns of the table that `tokens` begin with."""
    end = next(i for i, token in enumerate(tokens) if token.type == "table_close")
    rows: list[list[str]] = []
    styles: list[str] = []
    for before, token in pairwise(tokens[:end]):
        if before.type == "tr_open":
            rows.append([])
        if before.type in {"th_open", "td_open"}:
            rows[-1].append(text_of(token.children))
            styles += [str(before.attrGet("style") or "")] if len(rows) == 1 else []
    cells = list(zip(*rows, strict=True))
    narrow = [_is_narrow(column, first=i == 0) for i, column in enumerate(cells)]
    needed = [_needed(column, narrow=alone) for column, alone in zip(cells, narrow, strict=True)]
    kept = _fitting(needed, _ROOM_PX - _INDENT_PX * tokens[0].level)
    return [
        Column(alignment(style, column[1:]), narrow=alone and whole, keeps_words=whole)
        for style, column, alone, whole in zip(styles, cells, narrow, kept, strict=True)
    ]


def records(tokens: Sequence[Token]) -> list[Token]:
    """`tokens` with each table of too many columns in one token of the type "records".

    Its `meta["rows"]` are rows, the heads first, of cells, each the tokens of its words.
    """
    replaced: list[Token] = []
    rows: list[list[Sequence[Token]]] = []
    start = 0
    for before, token in pairwise([*tokens, Token("end", "", 0)]):
        replaced.append(before)
        if before.type == "table_open":
            rows, start = [], len(replaced) - 1
        elif before.type == "tr_open":
            rows.append([])
        elif before.type in {"th_open", "td_open"}:
            rows[-1].append(token.children or [])
        elif before.type == "table_close" and len(rows[0]) > MOST_COLUMNS:
            replaced[start:] = [Token("records", "", 0, level=before.level, meta={"rows": rows})]
    return replaced


def _is_narrow(cells: Sequence[str], *, first: bool) -> bool:
    """Whether a column should not wrap at all: the first, which names the rows, and those of numbers."""
    return (first or alignment("", cells[1:]) == "right") and max(map(len, cells)) <= _NARROW_CELL


def _needed(cells: Sequence[str], *, narrow: bool) -> int:
    """The px that a column needs in order to break no word, or, where it is `narrow`, no line."""
    return max(_px(word) for cell in cells for word in ([cell] if narrow else _BETWEEN_WORDS.split(cell)))


def _px(text: str) -> int:
    widest, capitals = sum(map(_WIDEST.__contains__, text)), sum(map(str.isupper, text))
    return _LETTER_PX * width_of(text) + (_CAPITAL_PX - _LETTER_PX) * capitals + (_WIDEST_PX - _CAPITAL_PX) * widest


def _fitting(needed: Sequence[int], room: int) -> list[bool]:
    """Which columns get the px that they need on the narrowest phone: as many as can, beginning with the smallest."""
    room -= _GAP_PX * (len(needed) - 1)
    kept = [False] * len(needed)
    for done, i in enumerate(sorted(range(len(needed)), key=needed.__getitem__), 1):
        kept[i] = needed[i] + _BROKEN_PX * (len(needed) - done) <= room
        room -= needed[i] if kept[i] else _BROKEN_PX
    return kept


def alignment(style: str, cells: Sequence[str]) -> str:
    """What the author asked for; else numbers stand to the right."""
    if style:
        return style.removeprefix("text-align:").strip().replace("left", "")
    filled = [cell.strip() for cell in cells if cell.strip()]
    return "right" if filled and all(_NUMBER.fullmatch(cell) for cell in filled) else ""
