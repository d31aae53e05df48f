"""The checked rows of a sheet in a temporary table of this transaction, loaded with COPY: when the process dies, nothing was there."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from subscribers.importing.checking import Checker
from subscribers.importing.columns import SAMPLE_ROWS, Columns, Known, recognise
from subscribers.importing.options import Options
from subscribers.importing.sheets import Named, Sheet, open_sheet

_TABLE = """
    DROP TABLE IF EXISTS import_stage;
    CREATE TEMP TABLE import_stage (
        number int, rejected text, note text, address text, address_key text, address_hash bytea, name text, language text,
        status text, interest_ids bigint[], fields jsonb, flags text[]
    ) ON COMMIT DROP
"""
# Lines that go to the database together, and rows between two tellings of how far it is.
_LINES = 1_000
_TELL_EVERY = 10_000

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Staged:
    """What was read: the sheet as it was understood, and how many rows have anything in them."""

    sheet: Sheet
    columns: Columns
    rows: int
    empty: int


def stage(source: Named, options: Options, cursor: Any, tell: Tell) -> Staged:
    """Read and check a whole sheet into the table `import_stage`. `tell` is told rows done and rows in all.

    Raises SheetError, or ImportingError for a correction of columns that makes no sense.
    """
    sheet = open_sheet(source)
    known = Known.now()
    filled = ((number, row) for number, row in enumerate(sheet.rows(), start=1) if any(map(str.strip, row)))
    columns = recognise(list(itertools.islice(filled, SAMPLE_ROWS)), options.columns, known, source.name)
    cursor.execute(_TABLE)
    rows = empty = 0
    lines = _checked(sheet, Checker(columns, options, known), columns.first_row)
    with cursor.copy("COPY import_stage FROM STDIN") as copy:
        for chunk in iter(lambda: list(itertools.islice(lines, _LINES)), []):
            good = [line for line in chunk if line is not None]
            rows += len(good)
            empty += len(chunk) - len(good)
            if good:
                copy.write("".join(good))
            if (rows + empty) % _TELL_EVERY == 0:
                tell(rows + empty, max(sheet.lines, rows + empty))
    tell(rows + empty, rows + empty)
    cursor.execute("ANALYZE import_stage")
    return Staged(sheet, columns, rows, empty)


def _checked(sheet: Sheet, checker: Checker, first_row: int) -> Iterator[str | None]:
    for number, row in enumerate(sheet.rows(), start=1):
        if number >= first_row:
            yield checker.line(number, row)
