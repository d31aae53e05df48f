"""A file becomes rows of texts, whatever kind of sheet it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from subscribers.importing import csv_sheet, limits, xlsx_sheet
from subscribers.importing.faults import SheetError

Row = list[str]

# The first bytes of files that are no sheets, and what to do with each.
_KINDS = (
    (b"\xd0\xcf\x11\xe0", "is an old .xls file, or locked with a password. Save it as .xlsx without a password."),
    (b"%PDF", "is a PDF. Ask for the sheet that it was made from."),
    (b"\x1f\x8b", "is packed with gzip. Unpack it first."),
    (b"{\\rtf", "is a text document. Save the list as CSV or .xlsx."),
    (b"\x89PNG", "is a picture."),
    (b"\xff\xd8\xff", "is a picture."),
    (b"Rar!", "is a RAR archive. Unpack it first."),
    (b"7z\xbc\xaf", "is a 7-Zip archive. Unpack it first."),
)


class Sheet(Protocol):
    """A sheet of rows, which can be gone through more than once."""

    @property
    def kind(self) -> str:
        """Either csv or xlsx."""

    @property
    def about(self) -> str:
        """How it was understood, for people."""

    @property
    def lines(self) -> int:
        """The number of rows at most, for a progress bar."""

    def rows(self) -> Iterator[Row]:
        """Yield every row from the first, empty ones too, each as texts. Raises SheetError."""


@dataclass(frozen=True, slots=True)
class Named:
    """A file opened for reading bytes, and its name for sentences."""

    file: BinaryIO
    name: str


def open_sheet(source: Named) -> Sheet:
    """Recognise what kind of file it is, and return its sheet. What it is called does not count. Raises SheetError."""
    source.file.seek(0, 2)
    size = source.file.tell()
    source.file.seek(0)
    start = source.file.read(8)
    source.file.seek(0)
    if not start:
        raise SheetError(f"{source.name} is empty.")
    if size > limits.MOST_BYTES:
        raise SheetError(
            f"{source.name} has {size // 2**20} MB; {limits.MOST_BYTES // 2**20} MB is the most. Divide it."
        )
    for magic, says in _KINDS:
        if start.startswith(magic):
            raise SheetError(f"{source.name} {says}")
    if start.startswith(b"PK"):
        return xlsx_sheet.open_xlsx(source.file, source.name)
    return csv_sheet.open_csv(source.file, source.name)
