"""Sheets of text: CSV with semicolons, commas, tabs or bars."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from subscribers.importing import limits
from subscribers.importing.encodings import Encoding, find_encoding
from subscribers.importing.faults import SheetError

_DELIMITERS = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars"}
_SAMPLE_LINES = 200
_SAMPLE_CHARACTERS = 200_000
_CHUNK = 1 << 20
# Follows the last line; it arrives as a row of its own unless a quotation mark is still open.
_END = "\x00end of sheet\x00"
_ADDRESS = re.compile(r"[^\s@;,|]+@[^\s@;,|]+\.[^\s@;,|]+")
_SAYS_DELIMITER = re.compile(r'^"?sep=(.)"?$', re.IGNORECASE)


@dataclass(slots=True)
class CsvSheet:
    """A file of text, open."""

    file: BinaryIO
    name: str
    encoding: Encoding
    delimiter: str
    lines: int
    # Excel reads "sep=;" in the first line, and does not show it.
    says_delimiter: bool
    kind: str = field(default="csv", init=False)

    @property
    def about(self) -> str:
        """How it was understood."""
        return f"CSV, {self.encoding.about}, {_DELIMITERS[self.delimiter]}"

    def rows(self) -> Iterator[list[str]]:
        """Yield every row. Raises SheetError for a quotation mark that is never closed, and past the limits."""
        lines = itertools.chain(_lines(self.file, self.encoding.codec, self.name), [_END])
        reader = csv.reader(lines, delimiter=self.delimiter)
        begins = 1
        first = self.says_delimiter
        for row in self._read(reader):
            if len(row) == 1 and row[0] == _END:
                return
            if reader.line_num - begins >= limits.MOST_LINES_OF_A_ROW or (row and row[-1].endswith(_END)):
                raise SheetError(_unclosed(self.name, begins))
            begins = reader.line_num + 1
            if len(row) > limits.MOST_COLUMNS and any(row[limits.MOST_COLUMNS :]):
                raise SheetError(f"{self.name}, line {begins - 1}: more than {limits.MOST_COLUMNS} columns.")
            if begins > limits.MOST_ROWS:
                raise SheetError(f"{self.name} has more than {limits.MOST_ROWS:,} lines. Divide it.")
            yield [] if first else row
            first = False

    def _read(self, reader: Iterator[list[str]]) -> Iterator[list[str]]:
        try:
            yield from reader
        except csv.Error:
            # The only error of a reader that is not strict: a field beyond the field size limit.
            line = getattr(reader, "line_num", 0)
            raise SheetError(
                f"{self.name}: a cell that ends near line {line} is far too long; a quotation mark may be missing."
            ) from None


def open_csv(file: BinaryIO, name: str) -> CsvSheet:
    """Recognise encoding and delimiter. Raises SheetError."""
    encoding = find_encoding(file, name)
    sample = list(itertools.islice(_lines(file, encoding.codec, name), _SAMPLE_LINES))
    told = _SAYS_DELIMITER.match(sample[0].strip()) if sample else None
    known = told and (told[1] in _DELIMITERS)
    delimiter = told[1] if told and known else _likeliest(sample)
    return CsvSheet(file, name, encoding, delimiter, _count_lines(file), bool(told))


def _unclosed(name: str, line: int) -> str:
    return f'{name}, line {line}: a quotation mark (") opens here and is never closed. Close it or take it out.'


def _lines(file: BinaryIO, codec: str, name: str) -> Iterator[str]:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=codec, errors="replace", newline="")
    try:
        while line := text.readline(limits.LONGEST_LINE):
            if len(line) >= limits.LONGEST_LINE:
                raise SheetError(f"{name} has a line of more than {limits.LONGEST_LINE:,} characters: it is no list.")
            yield line
    finally:
        # Else the file would be closed with the wrapper, and is wanted again.
        text.detach()


def _likeliest(lines: list[str]) -> str:
    sample: list[str] = []
    for line in lines:
        if sum(map(len, sample)) > _SAMPLE_CHARACTERS:
            break
        sample.append(line)
    return max(_DELIMITERS, key=lambda delimiter: _score(sample, delimiter))


def _score(lines: list[str], delimiter: str) -> tuple[float, bool, float, int]:
    """Tell how well a delimiter fits: cells that are whole addresses, a heading in several cells, rows of one width, and that width."""
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return (0, False, 0, 0)
    if not rows:
        return (0, False, 0, 0)
    addresses = sum(any(_ADDRESS.fullmatch(cell.strip()) for cell in row) for row in rows)
    width, times = Counter(map(len, rows)).most_common(1)[0]
    return (addresses / len(rows), len(rows[0]) > 1, times / len(rows) if width > 1 else 0, width)


def _count_lines(file: BinaryIO) -> int:
    file.seek(0)
    count = 1
    while chunk := file.read(_CHUNK):
        count += chunk.count(b"\n") or chunk.count(b"\r")
    file.seek(0)
    return count
