"""A file's bytes become text: encodings, limits, and a clear sentence for whatever is no text."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mailer.parsing.issue import SourceError

Kind = Literal["text", "markdown", "html"]

# A year of weekly updates is some 300 kB of text: what is larger than this is not an issue but a mistake.
TEXT_LIMIT = 2_000_000
DOCX_LIMIT = 20_000_000

_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (.doc, .xls, .ppt)"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_ADVICE = "Save it as plain text, Markdown, HTML or .docx and import that."
_ZIP = b"PK\x03\x04"
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_ESCAPED_BYTES = re.compile("[\udc80-\udcff]")
_HTML_START = re.compile(r"\s*(?:<!doctype html|<html\b|<meta\b|<head\b|<body\b|<!--StartFragment)", re.IGNORECASE)
_SUFFIXES: dict[str, Kind] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}


@dataclass(frozen=True, slots=True)
class Source:
    """What an author wrote, as text. `name` is for messages; a .docx arrives here as HTML."""

    text: str
    kind: Kind
    name: str = "the text"


def read_source(path: str | Path) -> Source:
    """Read a file as text, deciding its kind by its name and its first bytes.

    Raises SourceError for anything that can't be an issue: missing, too large, empty, binary.
    """
    path = Path(path)
    name = path.name
    size = _size(path)
    try:
        with path.open("rb") as file:
            start = file.read(8)
            limit = DOCX_LIMIT if start.startswith(_ZIP) else TEXT_LIMIT
            if size > limit:
                raise SourceError(f"{name} is {size / 1e6:.1f} MB; the limit is {limit // 1_000_000} MB.")
            data = start + file.read(limit)
    except OSError as error:
        raise SourceError(f"{name} can't be read: {error.strerror or error}.") from error
    return source_from_bytes(data, name)


def _size(path: Path) -> int:
    """The size in bytes of a regular file."""
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise SourceError(f"{path}: there is no such file.") from error
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}.") from error
    if stat.S_ISDIR(status.st_mode):
        raise SourceError(f"{path} is a folder; name the file that holds the issue.")
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(f"{path} is not a regular file.")
    return status.st_size


def source_from_bytes(data: bytes, name: str = "the text") -> Source:
    """The same for bytes in memory, for example an upload. `name` decides the kind by its ending."""
    if data.startswith(_ZIP):
        from mailer.parsing.word_document import docx_to_html  # noqa: PLC0415  # mammoth is slow to import

        return Source(docx_to_html(data, name), "html", name)
    if len(data) > TEXT_LIMIT:
        raise SourceError(f"{name} is {len(data) / 1e6:.1f} MB; the limit is {TEXT_LIMIT // 1_000_000} MB.")
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise SourceError(f"{name} is {what}, not text. {_ADVICE}")
    text = decode(data, name)
    if not text.strip("\ufeff\u200b\x1a\x00 \t\r\n\x0b\x0c\x85\xa0\u2028\u2029"):
        raise SourceError(f"{name} is empty: there is no text in it to import.")
    return Source(text, _kind(text, name), name)


def _kind(text: str, name: str) -> Kind:
    kind = _SUFFIXES.get(Path(name).suffix.lower(), "text")
    if kind == "text" and _HTML_START.match(text[:500]):
        return "html"
    return kind


def decode(data: bytes, name: str = "the text") -> str:
    """Bytes as text: UTF-8, UTF-16 and UTF-32 with or without a byte order mark, else Windows-1252.

    Raises SourceError when the bytes are no text in any of them.
    """
    text = _decode_unicode(data) or _decode_eight_bits(data)
    controls = len(_CONTROLS.findall(text.rstrip("\x1a")))
    if controls > 2 + len(text) // 1000:
        raise SourceError(f"{name} is not text: it holds bytes that stand for no letters. {_ADVICE}")
    return text


def _decode_unicode(data: bytes) -> str | None:
    """UTF-16 and UTF-32 by their mark or by where their zero bytes stand; None for anything else."""
    for mark, encoding in ((b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    sample = data[:4000]
    if b"\x00" not in sample:
        return None
    # In UTF-16 of a European language nearly every second byte is zero; the other half holds letters, never zeros.
    half = max(1, len(sample) // 2)
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.6 and even < 0.05:  # noqa: PLR2004  # shares of zero bytes
        return data.decode("utf-16-le", "replace")
    if even > 0.6 and odd < 0.05:  # noqa: PLR2004  # shares of zero bytes
        return data.decode("utf-16-be", "replace")
    return None


def _decode_eight_bits(data: bytes) -> str:
    """UTF-8, or Windows-1252 where it is none; a few stray Windows bytes in UTF-8 are read as Windows-1252."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    strays = len(_ESCAPED_BYTES.findall(text))
    if not strays:
        return text
    beyond_ascii = sum(1 for char in text if char > "\x7f") - strays
    if beyond_ascii > strays:
        return _ESCAPED_BYTES.sub(lambda match: _windows(bytes([ord(match.group()) - 0xDC00])), text)
    return _windows(data)


def _windows(data: bytes) -> str:
    # Five bytes are undefined in Windows-1252; Latin-1 has a control character there, which is taken out later.
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
