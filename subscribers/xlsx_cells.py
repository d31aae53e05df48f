"""Texts as cells of an .xlsx: text whatever they begin with, and without what the format can't hold."""

from __future__ import annotations

from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

# Excel's own limit of a cell.
_LONGEST = 32_767


def text_cell(sheet: Any, text: str) -> Any:
    """Return a cell for a sheet that is written row by row. One that begins with = is a text, and no formula."""
    plain = ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST]
    if not plain.startswith("="):
        return plain
    cell = WriteOnlyCell(sheet, value=plain)
    cell.data_type = "s"
    return cell
