"""The files of an export: CSV, .xlsx, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Literal, get_args

from django.utils import timezone
from openpyxl import Workbook

from subscribers.exporting.people import Order, Person, field_slugs, people
from subscribers.spreadsheet_cells import apart, harmless
from subscribers.xlsx_cells import text_cell

Form = Literal["csv", "excel-csv", "xlsx", "json", "jsonl"]

# The import knows these headings, and that a sheet with all of them is ours. Excel holds 1,048,576 rows in a sheet.
_HEADINGS = ("address", "name", "language", "status", "interests", "joined", "source")
_MOST_IN_XLSX = 1_048_575


class ExportError(ValueError):
    """The export can't be made. The message is a sentence for people."""


@dataclass(slots=True)
class _Counted:
    """Counts what goes through."""

    number: int = 0

    def through(self, persons: Iterator[Person]) -> Iterator[Person]:
        for person in persons:
            self.number += 1
            yield person


def export(order: Order, form: str, to: BinaryIO) -> int:
    """Write the people of an export to a binary file, streamed. Return how many.

    `form` is csv (commas), excel-csv (semicolons and a byte order mark, as Norwegian Excel opens it), xlsx, json (an array) or jsonl
    (a person a line). In the first three a spreadsheet calculates nothing. Raises ExportError, and SignupError for the audience.
    """
    if form not in _WRITERS:
        raise ExportError(f"There is no form '{form}'. There are: {', '.join(get_args(Form))}.")
    counted = _Counted()
    _WRITERS[form](counted.through(people(order)), to)
    return counted.number


def headings(slugs: Iterable[str]) -> list[str]:
    """Return the headings of a sheet: a field's is field:SLUG, so that one called "name" or "status" is never taken for another column."""
    return [*_HEADINGS, *(f"field:{slug}" for slug in slugs)]


def _row(person: Person, slugs: list[str]) -> list[str]:
    joined = timezone.localtime(person.joined).date().isoformat()
    standing = "suppressed" if person.left_out == "suppressed" else person.status
    own = ("" if (value := person.fields.get(slug)) is None else str(value) for slug in slugs)
    interests = ", ".join(person.interests)
    return [person.address, person.name, person.language, standing, interests, joined, person.source, *own]


def _write_csv(persons: Iterator[Person], to: BinaryIO, delimiter: str, encoding: str) -> None:
    slugs = field_slugs()
    text = io.TextIOWrapper(to, encoding=encoding, newline="", write_through=False)
    writer = csv.writer(text, delimiter=delimiter)
    rows = chain([headings(slugs)], (_row(person, slugs) for person in persons))
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()


def _csv(persons: Iterator[Person], to: BinaryIO) -> None:
    _write_csv(persons, to, ",", "utf-8")


def _excel_csv(persons: Iterator[Person], to: BinaryIO) -> None:
    _write_csv(persons, to, ";", "utf-8-sig")


def _xlsx(persons: Iterator[Person], to: BinaryIO) -> None:
    slugs = field_slugs()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Subscribers")
    sheet.append(headings(slugs))
    for number, person in enumerate(persons, start=1):
        if number > _MOST_IN_XLSX:
            raise ExportError(f"An .xlsx sheet holds {_MOST_IN_XLSX:,} people at most. Export as CSV.")
        sheet.append([text_cell(sheet, apart(cell)) for cell in _row(person, slugs)])
    book.save(to)


def _as_json(person: Person) -> str:
    told = {
        "address": person.address,
        "name": person.name,
        "language": person.language,
        "status": person.status,
        "suppressed": person.left_out == "suppressed",
        "interests": person.interests,
        "joined": person.joined.isoformat(),
        "source": person.source,
        "fields": person.fields,
    }
    return json.dumps(told, ensure_ascii=False)


def _json(persons: Iterator[Person], to: BinaryIO) -> None:
    to.write(b"[")
    to.writelines(f"{',' if number else ''}\n{_as_json(person)}".encode() for number, person in enumerate(persons))
    to.write(b"\n]\n")


def _jsonl(persons: Iterator[Person], to: BinaryIO) -> None:
    to.writelines(f"{_as_json(person)}\n".encode() for person in persons)


_WRITERS: dict[str, Callable[[Iterator[Person], BinaryIO], None]] = {
    "csv": _csv,
    "excel-csv": _excel_csv,
    "xlsx": _xlsx,
    "json": _json,
    "jsonl": _jsonl,
}
