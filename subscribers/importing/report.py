"""The report of an import: the same sheet back, with a column that says what became of each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from django.db import connection, transaction
from openpyxl import Workbook

from subscribers.importing import pieces
from subscribers.importing.faults import ImportingError
from subscribers.importing.sheets import Named, open_sheet
from subscribers.importing.undo import is_kept
from subscribers.models import Import
from subscribers.reasons import words
from subscribers.spreadsheet_cells import harmless_again
from subscribers.xlsx_cells import text_cell

_HEADING = "Import"
# Outcomes that change the list.
_WRITES = frozenset({"added", "recorded", "changed"})
_ROWS = "SELECT number, outcome, reason FROM subscribers_importrow WHERE of_id = %s ORDER BY number"


def write_report(import_id: int, to: BinaryIO, language: str = "nb") -> str:
    """Write the sheet of an import back as it came, with a last column of outcomes and reasons. Return its ending: csv or xlsx.

    The column is in `language`, "nb" or "en".

    CSV is UTF-8 with a byte order mark, whatever it was, for every reason has to fit in; cells are made harmless for spreadsheets.
    Raises ImportingError for an import that is not there, has not ended, or whose sheet is not kept any more; SheetError for one that
    could never be read.
    """
    kept = Import.objects.filter(pk=import_id).first()
    if kept is None:
        raise ImportingError(f"There is no import {import_id}.")
    if kept.finished_at is None:
        raise ImportingError(f"Import {import_id} has not ended yet.")
    with pieces.spool(import_id) as file, transaction.atomic():
        sheet = open_sheet(Named(file, kept.file_name))
        rows = _joined(sheet.rows(), _said(kept, language))
        if sheet.kind == "xlsx":
            _write_xlsx(rows, to)
        else:
            _write_csv(rows, getattr(sheet, "delimiter", ";"), to)
        return sheet.kind


def _said(kept: Import, language: str) -> Iterator[tuple[int, str]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ROWS, [kept.pk])
        for number, outcome, reason in cursor:
            said = words(outcome_code(kept.status, outcome, reason), language)
            yield number, f"{said}: {words(reason, language)}" if reason else said


def outcome_code(status: str, outcome: str, reason: str) -> str:
    """Return the code of what became of a row in the end: a plan that was not carried out, or was taken back, changed nothing."""
    if outcome in _WRITES and status == Import.Status.FAILED:
        return f"not-{outcome}"
    if outcome in _WRITES and status == Import.Status.UNDONE and not is_kept(reason):
        return f"undone-{outcome}"
    return f"outcome-{outcome}"


def _joined(rows: Iterator[list[str]], said: Iterator[tuple[int, str]]) -> Iterator[list[str]]:
    """Put the two side by side. The first row that is filled and that nothing is said of is the heading, and sets the width."""
    following = next(said, None)
    width = 0
    for number, row in enumerate(rows, start=1):
        if following is not None and following[0] == number:
            width = width or len(row)
            yield [*row, *[""] * (width - len(row)), following[1]]
            following = next(said, None)
        elif any(row) and not width:
            width = len(row)
            yield [*row, _HEADING]
        else:
            yield row


def _write_csv(rows: Iterator[list[str]], delimiter: str, to: BinaryIO) -> None:
    text = io.TextIOWrapper(to, encoding="utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([harmless_again(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()


def _write_xlsx(rows: Iterator[list[str]], to: BinaryIO) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([text_cell(sheet, cell) for cell in row])
    book.save(to)
