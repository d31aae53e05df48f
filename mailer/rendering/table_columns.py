"""How the columns of a table are set, read off its cells: the same in HTML and in plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.token import Token

from mailer.rendering.markdown import text_of

MOST_COLUMNS = 3  # that a phone has room for
_NARROW_CELL = 16  # characters
_NUMBER = re.compile(r"[-+−]?[\d\s.,]*\d\s?%?")


@dataclass(frozen=True, slots=True)
class Column:
    """`align` is "", "center" or "right"; a `narrow` column never wraps."""

    align: str
    narrow: bool


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
    return [
        Column(alignment(style, column[1:]), i == 0 and max(map(len, column)) <= _NARROW_CELL)
        for i, (style, column) in enumerate(zip(styles, zip(*rows, strict=True), strict=True))
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


def alignment(style: str, cells: Sequence[str]) -> str:
    """What the author asked for; else numbers stand to the right."""
    if style:
        return style.removeprefix("text-align:").strip().replace("left", "")
    filled = [cell.strip() for cell in cells if cell.strip()]
    return "right" if filled and all(_NUMBER.fullmatch(cell) for cell in filled) else ""
