"""Sheets of Excel (.xlsx), read row by row and never unpacked as a whole.

By openpyxl: python-calamine is ten times as fast, and makes room for every cell up to the last one before it reads them, so that a
file of two kilobytes with something in XFD1048576 ends the process.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from subscribers.importing import limits
from subscribers.importing.faults import SheetError
from subscribers.importing.xlsx_texts import open_book

# Rows of which only far cells are filled, as somebody who colours whole rows makes them; more of them is a bomb.
_MOST_WIDE_ROWS = 1_000
_MEGABYTE = 1 << 20


@dataclass(slots=True)
class XlsxSheet:
    """A workbook's first sheet that has anything in it."""

    # Open, with the table of its texts: to read that again takes as long as to read the rows.
    book: Any
    name: str
    title: str
    lines: int
    others: tuple[str, ...]
    kind: str = field(default="xlsx", init=False)

    @property
    def about(self) -> str:
        """How it was understood."""
        left = f"; not read: {', '.join(self.others)}" if self.others else ""
        return f".xlsx, sheet '{self.title}'{left}"

    def rows(self) -> Iterator[list[str]]:
        """Yield every row. Raises SheetError for a damaged workbook, and past the limits."""
        wide = 0
        for number, cells in enumerate(_raw_rows(self.book[self.title], self.name), start=1):
            if number > limits.MOST_ROWS:
                raise SheetError(f"{self.name} has more than {limits.MOST_ROWS:,} rows. Divide it.")
            row = cells
            if len(cells) > limits.MOST_COLUMNS:
                wide += 1
                if wide > _MOST_WIDE_ROWS or any(cell is not None for cell in cells[limits.MOST_COLUMNS :]):
                    raise SheetError(f"{self.name}, row {number}: more than {limits.MOST_COLUMNS} columns.")
                row = cells[: limits.MOST_COLUMNS]
            yield [text if type(text) is str else _text(text) for text in row]


def open_xlsx(file: BinaryIO, name: str) -> XlsxSheet:
    """Look into the ZIP before anything is unpacked, and choose the sheet. Raises SheetError."""
    _check_parts(file, name)
    try:
        book = open_book(file)
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        filled = [sheet for sheet in shown if _has_rows(sheet)]
        lines = (filled or shown)[0].max_row or 0
    except SheetError:
        raise
    except Exception as problem:  # noqa: BLE001  # whatever openpyxl stumbles over, the file is damaged
        raise SheetError(_damaged(name, problem)) from None
    if not filled:
        raise SheetError(f"{name} has no sheet with anything in it.")
    return XlsxSheet(book, name, filled[0].title, int(lines), tuple(sheet.title for sheet in filled[1:]))


def _has_rows(sheet: Any) -> bool:
    sheet.reset_dimensions()
    return any(any(cell is not None for cell in row) for row, _ in zip(_values(sheet), range(100_000), strict=False))


def _values(sheet: Any) -> Iterator[tuple[Any, ...]]:
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return rows


def _raw_rows(sheet: Any, name: str) -> Iterator[tuple[Any, ...]]:
    try:
        # Some programs write a dimension that is too small, and everything beyond it would be lost.
        sheet.reset_dimensions()
        yield from _values(sheet)
    except Exception as problem:  # noqa: BLE001  # whatever openpyxl stumbles over, the file is damaged
        raise SheetError(_damaged(name, problem)) from None


def _damaged(name: str, problem: Exception) -> str:
    return f"{name} can't be read as .xlsx ({type(problem).__name__}). Open it in a spreadsheet and save it again."


def _check_parts(file: BinaryIO, name: str) -> None:
    """Refuse what is no workbook, and a bomb, by what the ZIP says of its parts; zipfile reads no more than that."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise SheetError(f"{name} begins like a ZIP or .xlsx file and is damaged.") from None
    if not any(part.filename == "[Content_Types].xml" for part in parts) or not any(
        part.filename.startswith("xl/") for part in parts
    ):
        raise SheetError(f"{name} is a ZIP archive and no sheet. Unpack it, and import the sheets in it.")
    too_big = (
        len(parts) > limits.MOST_PARTS
        or sum(part.file_size for part in parts) > limits.MOST_UNPACKED
        or any(_is_bomb(part) for part in parts)
    )
    if too_big:
        raise SheetError(f"{name} unpacks to far more than a list of people needs. Save the list alone as CSV.")


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    if not part.filename.lower().endswith((".xml", ".rels")):
        # Pictures and the like are never opened.
        return False
    if part.file_size > _MEGABYTE and part.file_size > part.compress_size * limits.HIGHEST_RATIO:
        return True
    if part.filename.startswith("xl/worksheets/"):
        return False
    is_texts = part.filename == "xl/sharedStrings.xml"
    return part.file_size > (limits.MOST_SHARED_TEXTS if is_texts else limits.MOST_OF_A_PART)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nei"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value)
