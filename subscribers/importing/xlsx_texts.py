"""The table of texts of an .xlsx, to which the cells of its sheets only point: a list of a million people has two million of them.

openpyxl makes objects of each for fonts and colours, keeps the emptied XML of all, and then a string of each: three times as slow, and
more memory than a worker should need.
"""

from __future__ import annotations

from array import array
from typing import IO, Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

_ITEM, _TEXT, _RUN = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "t", "r"))


class Texts:
    """Texts by number, one behind the other in one piece of memory."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._ends = array("Q", [0])

    def append(self, text: str) -> None:
        """Add a text at the end."""
        self._content += text.encode()
        self._ends.append(len(self._content))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        """Return a text, counted from 0. Raises IndexError for one that is not there."""
        if number < 0:
            raise IndexError(number)
        return self._content[self._ends[number] : self._ends[number + 1]].decode()


def open_book(file: IO[bytes]) -> Any:
    """Open a workbook for reading its values row by row. Raises whatever openpyxl stumbles over in a damaged one."""
    reader = _Reader(file, read_only=True, data_only=True)
    reader.read()
    return reader.wb


class _Reader(ExcelReader):
    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]  # the stubs leave it open
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                # openpyxl only looks texts up by their number.
                self.shared_strings = read_texts(source)  # type: ignore[assignment]


def read_texts(source: IO[bytes]) -> Texts:
    """Return the texts of a table without their formatting (ECMA-376-1, 18.4.8 `si`). Raises ParseError."""
    texts = Texts()
    steps = iterparse(source, events=("start", "end"))
    _, table = next(steps)
    for step, node in steps:
        if step == "end" and node.tag == _ITEM:
            texts.append(_text(node))
            table.clear()
    return texts


def _text(item: Any) -> str:
    # Beside its own text or its runs an item may have how it is said (rPh), which nobody sees.
    pieces = [item.findtext(_TEXT) or "", *(run.findtext(_TEXT) or "" for run in item.iterfind(_RUN))]
    # As openpyxl does: Excel writes _x005F_ where a text looks like an escape of its own.
    return "".join(pieces).replace("x005F_", "")
