"""Which encoding a file of text has: Norwegian spreadsheets come as UTF-8, UTF-16 or Windows-1252, and seldom say which."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import BinaryIO

from subscribers.importing.faults import SheetError

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Control characters that no text has; tab, line ends, form feed, escape and the old end-of-file mark (0x1A) are none.
_NO_TEXT = bytes(code for code in range(32) if code not in {9, 10, 11, 12, 13, 26, 27})
# In 8-bit texts written on a Norwegian machine. Bytes that the code page does not have become U+FFFD and never a crash.
_CODE_PAGE = "windows-1252"


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec's name, and how it was known, for people."""

    codec: str
    about: str


def find_encoding(file: BinaryIO, name: str) -> Encoding:
    """Return the encoding of a file, which is left at its start. Raises SheetError for what is no text."""
    file.seek(0)
    start = file.read(4096)
    file.seek(0)
    for mark, codec in _MARKS:
        if start.startswith(mark):
            return Encoding(codec, codec.upper().removesuffix("-SIG"))
    if unmarked := _without_mark(start):
        return Encoding(unmarked, unmarked.upper())
    if sum(start.count(code) for code in _NO_TEXT) * 100 > len(start):
        raise SheetError(f"{name} is no text and no .xlsx file. Save the list as CSV or .xlsx.")
    return _eight_bits(file)


def _without_mark(start: bytes) -> str | None:
    """Tell UTF-16 without a byte order mark by its zeros: every second byte of Latin text."""
    pairs = len(start) // 2
    if pairs < 2:  # noqa: PLR2004  # too little to tell
        return None
    if start[1::2].count(0) > pairs * 0.6 and start[::2].count(0) == 0:
        return "utf-16-le"
    if start[::2].count(0) > pairs * 0.6 and start[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def _eight_bits(file: BinaryIO) -> Encoding:
    """Tell UTF-8 from Windows-1252: a few broken letters among many whole ones are damage, and no other code page."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    whole = broken = 0
    while chunk := file.read(_CHUNK):
        if chunk.isascii():
            continue
        text = decoder.decode(chunk)
        lost = text.count("\ufffd")
        broken += lost
        whole += len(text) - len(text.encode("ascii", "ignore")) - lost
    file.seek(0)
    if broken * 10 > whole:
        return Encoding(_CODE_PAGE, "Windows-1252")
    return Encoding("utf-8", "UTF-8" if not broken else f"UTF-8 with {broken} broken letters")
