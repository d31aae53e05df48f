"""Tables in a plain text: rows of cells between bars, with a row of hyphens below the first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mailer.parsing.elements import Element
from mailer.parsing.inline import to_markdown
from mailer.parsing.lines import plain_text

_RULE_CELL = re.compile(r":?-{2,}:?")
_BAR = re.compile(r"(?<!\\)\|")


def take_tables(text: str) -> tuple[str, list[Element]]:
    """Return a text with its tables made blank, so that numbering stays, and the tables.

    Only rows that a row of hyphens marks as a table are one (GitHub Flavored Markdown, 4.10); other bars are plain signs.
    """
    lines = plain_text(text).split("\n")
    tables: list[Element] = []
    for index in range(1, len(lines)):
        if not _is_rule(lines[index], lines[index - 1]):
            continue
        end = next((row for row in range(index + 1, len(lines)) if "|" not in lines[row]), len(lines))
        tables.append(_table(lines[index - 1 : end], index))
        lines[index - 1 : end] = [""] * (end - index + 1)
    return "\n".join(lines), tables


def _is_rule(line: str, above: str) -> bool:
    """Whether a line is the row of hyphens below the heads of a table, with as many cells."""
    cells = _cells(line)
    return "|" in line and "|" in above and all(map(_RULE_CELL.fullmatch, cells)) and len(cells) == len(_cells(above))


def _table(rows: Sequence[str], line: int) -> Element:
    heads = _cells(rows[0])
    width = len(heads)
    cells = [heads, *(([*_cells(row), *[""] * width])[:width] for row in rows[2:])]
    written = [_row(to_markdown(cell) if cell else "" for cell in row) for row in cells]
    markdown = "\n".join([written[0], _row(_cells(rows[1])), *written[1:]])
    return Element("table", "\n".join("\t".join(row) for row in cells), markdown, line)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: str) -> list[str]:
    """The cells of a row; a bar behind a backslash is a sign in one."""
    row = row.strip().removeprefix("|")
    row = row[:-1] if row.endswith("|") and not row.endswith("\\|") else row
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(row)]
