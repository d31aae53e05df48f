"""Plain text laid out in columns: lines broken for an even right edge, hanging indents, aligned tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from mailer.rendering.slots import about_as_wide

WIDTH = 72
# Stands for a space where a line must not be broken; becomes one in the end.
NO_BREAK = "\u00a0"
LOWER = "."
_NARROWEST = 24
_GAP = 2
_FIRST_COLUMN = 14
_LONE_WORD = 10**6
_FIRST_WIDE = "\u1100"


def width_of(text: str) -> int:
    """Columns that a terminal needs: two for East Asian wide characters, none for combining ones."""
    text = about_as_wide(text)
    if text.isascii() or max(text) < _FIRST_WIDE:
        return len(text)
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """The lines of a paragraph, its gaps at the right edge as small as can be: the least sum of their squares.

    The last line's gap doesn't count, but it should not be a single short word; an address may stand alone. LF in
    `text` breaks a line in any case; a word longer than `width` has a line of its own.
    """
    return [line for piece in text.split("\n") for line in _wrap(piece, max(width, _NARROWEST))]


@lru_cache(maxsize=4096)
def _wrap(text: str, width: int) -> tuple[str, ...]:
    words = [word for word in text.split(" ") if word]
    widths = [width_of(word) for word in words]
    count = len(words)
    cost = [0] * (count + 1)
    following = [count] * (count + 1)
    for start in range(count - 1, -1, -1):
        best, taken, end = -1, -1, start
        while end < count and (end == start or taken + 1 + widths[end] <= width):
            taken += 1 + widths[end]
            end += 1
            gap = _last_line(start, end, taken, width) if end == count else max(0, width - taken) ** 2
            if best < 0 or gap + cost[end] <= best:
                best, following[start] = gap + cost[end], end
        cost[start] = best
    lines, start = [], 0
    while start < count:
        lines.append(" ".join(words[start : following[start]]))
        start = following[start]
    return tuple(lines)


def _last_line(start: int, end: int, taken: int, width: int) -> int:
    return _LONE_WORD if start and end - start == 1 and 2 * taken < width else 0


def hang(text: str, first: str, rest: str) -> str:
    """A paragraph with `first` before its first line and `rest` before the others."""
    lines = wrap(text, WIDTH - max(len(first), len(rest)))
    return "\n".join((first if i == 0 else rest) + line for i, line in enumerate(lines))


def underlined(text: str, mark: str = "-") -> str:
    """A heading with marks of its own length below: hyphens, or LOWER for one that stands below another."""
    lines = wrap(text)
    return "\n".join([*lines, mark * min(WIDTH, max(map(width_of, lines), default=0))])


def right_aligned(rows: Sequence[tuple[str, str]]) -> str:
    """A letterhead: pairs at the left and right edge; a pair too long for one line is given two."""
    lines: list[str] = []
    for left, right in rows:
        space = WIDTH - width_of(left) - width_of(right)
        if space >= _GAP or not left or not right:
            lines.append(left + " " * (space if right else 0) + right)
        else:
            lines += [*wrap(left), *wrap(right)]
    return "\n".join(lines)


def table(rows: Sequence[Sequence[str]], right: Sequence[bool], indent: str) -> str:
    """Rows, the first of them heads, in aligned columns; where they are too wide, cell after cell behind its head."""
    widths = [max(width_of(cell) for cell in column) for column in zip(*rows, strict=True)]
    if len(widths) > 1:
        widths[0] = max(widths[0], _FIRST_COLUMN)
    if len(indent) + sum(widths) + _GAP * (len(widths) - 1) > WIDTH:
        return _as_list(rows, indent)
    return "\n".join(
        indent + (" " * _GAP).join(_padded(*cell) for cell in zip(row, widths, right, strict=True)).rstrip()
        for row in rows
        if any(row)
    )


def _padded(cell: str, width: int, right: bool) -> str:
    blanks = " " * (width - width_of(cell))
    return blanks + cell if right else cell + blanks


def _as_list(rows: Sequence[Sequence[str]], indent: str) -> str:
    heads = rows[0]
    items = [
        "\n".join(
            hang(f"{head}: {cell}" if head else cell, indent, indent + "  ")
            for head, cell in zip(heads, row, strict=True)
            if cell
        )
        for row in rows[1:] or rows
    ]
    return "\n\n".join(items)


def without_blanks_at_line_ends(text: str) -> str:
    """`text` without what nobody sees, and quoted-printable would have to spell out."""
    return "\n".join(line.rstrip(" \t") for line in text.split("\n"))
