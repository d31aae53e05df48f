"""A variant frozen as MIME bytes cut at its slots: filling one is joining pieces, some microseconds a message.

Every fixed piece is quoted-printable once (RFC 2045, 6.7) and ends in a soft line break, and so does every value. Each
piece therefore begins in column 0, and no line is longer than 76 characters whatever is put in.
"""

from __future__ import annotations

import json
import re
from binascii import b2a_qp
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape as escape_html
from typing import Literal

from mailer.rendering.letter import RenderedLetter
from mailer.rendering.slots import AT_SIGN, SLOT, names_in, value_of
from mailer.rendering.text_layout import without_blanks_at_line_ends

Context = Literal["text", "html"]

# "=_" can't stand in quoted-printable text, so such a boundary is in no letter (RFC 2045, 6.7).
DEFAULT_BOUNDARY = "=_ukebrev"
_FORMAT = 1
_BOUNDARY = re.compile(r"(?=.*=_)[0-9A-Za-z'()+_,./:=?-]{1,70}")
_SOFT_BREAK = b"=\r\n"
_LONGEST_LINE = 76
_EMPTY_LINE = b"\r\n\r\n"
# Short enough for one line with a soft break.
_AS_IT_IS = re.compile(r"[A-Za-z0-9:/_-][A-Za-z0-9:/._-]{0,74}", re.ASCII)


class CompiledFormatError(ValueError):
    """Bytes that no version of this module has written."""


@dataclass(frozen=True, slots=True)
class CompiledLetter:
    """A message without its headers: `pieces` in the order of the wire, with `gaps` (slot and context) between them.

    There is one piece more than there are gaps, and no line of a filled letter begins with a dot.
    Use `compile_letter` or `from_bytes` to get one.
    """

    pieces: tuple[bytes, ...]
    gaps: tuple[tuple[str, Context], ...]
    # Each slot with the contexts it stands in, and for all gaps in order which of these values it is: one often stands in many.
    _slots: tuple[tuple[str, tuple[Context, ...]], ...] = field(init=False, repr=False, compare=False)
    _order: tuple[int, ...] = field(init=False, repr=False, compare=False)
    # A message without what is each one's own, and of how many octets.
    _skeleton: list[bytes] = field(init=False, repr=False, compare=False)
    _size: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        different: dict[str, list[Context]] = {}
        for name, context in dict.fromkeys(self.gaps):
            different.setdefault(name, []).append(context)
        values = [(name, context) for name, contexts in different.items() for context in contexts]
        skeleton = [b""] * (2 * len(self.pieces))
        skeleton[1::2] = self.pieces
        for name, value in {
            "_slots": tuple((name, tuple(contexts)) for name, contexts in different.items()),
            "_order": tuple(map(values.index, self.gaps)),
            "_skeleton": skeleton,
            "_size": sum(map(len, self.pieces)),
        }.items():
            object.__setattr__(self, name, value)

    @property
    def slots(self) -> frozenset[str]:
        """The names that `fill` needs values for; those of fields are filled without one, too."""
        return frozenset(name for name, _ in self.gaps)

    def with_values(self, values: Mapping[str, str]) -> CompiledLetter:
        """The letter with those slots filled for good whose values are the same for everyone."""
        pieces, gaps = [self.pieces[0]], []
        for gap, piece in zip(self.gaps, self.pieces[1:], strict=True):
            if gap[0] in values:
                pieces[-1] += _encoded_value(values[gap[0]], gap[1]) + piece
            else:
                pieces.append(piece)
                gaps.append(gap)
        return CompiledLetter(tuple(pieces), tuple(gaps))

    def encode(self, values: Mapping[str, str], *, plain: Collection[str] = ()) -> list[bytes]:
        """What stands in each gap, as on the wire. Raises SlotError for a slot without a value.

        `values` are as people write them: they are escaped for HTML and encoded here. Each result is whole lines, and its blanks are
        encoded. `plain` names slots whose values are known to be so that `is_plain` would say so.
        """
        lines: list[bytes] = []
        for name, contexts in self._slots:
            value = value_of(name, values)
            if name in plain or is_plain(value):
                # The same in text and HTML.
                lines += [f"{value}=\r\n".encode("ascii")] * len(contexts)
            else:
                lines += [_encoded_value(value, context) for context in contexts]
        return list(map(lines.__getitem__, self._order))

    def arrange(self, headers: bytes, encoded: Sequence[bytes]) -> tuple[list[bytes], int]:
        """The whole message, in pieces, and how many octets it has: `headers`, those of MIME, the body with what `encode` gave in its gaps.

        `headers` are finished lines, each with its CRLF, and hold neither MIME-Version nor Content-*. The large pieces are the letter's
        own: a message that is sent as it is here was never copied.
        """
        if not headers.endswith(b"\r\n") or _EMPTY_LINE in headers:
            raise ValueError("Headers must be whole lines that end in CRLF, without an empty one.")
        parts = self._skeleton.copy()
        parts[0], parts[2::2] = headers, encoded
        return parts, len(headers) + self._size + sum(map(len, encoded))

    def fill(self, values: Mapping[str, str], headers: bytes) -> bytes:
        """The whole message with `values` in its slots: `encode`, then `arrange`."""
        pieces, _ = self.arrange(headers, self.encode(values))
        return b"".join(pieces)

    def to_bytes(self) -> bytes:
        """For keeping in a database: JSON, which the pieces fit into as they are ASCII."""
        pieces = [piece.decode("ascii") for piece in self.pieces]
        return json.dumps({"format": _FORMAT, "pieces": pieces, "gaps": self.gaps}).encode("ascii")

    @classmethod
    def from_bytes(cls, stored: bytes) -> CompiledLetter:
        """What `to_bytes` kept. Raises CompiledFormatError if it didn't."""
        try:
            kept = json.loads(bytes(stored))
            if kept["format"] != _FORMAT:
                raise CompiledFormatError(f"The letter was compiled in format {kept['format']}; ours is {_FORMAT}.")
            pieces = tuple(_dotless(piece.encode("ascii")) for piece in kept["pieces"])
            return cls(pieces, tuple((name, context) for name, context in kept["gaps"]))
        except (TypeError, KeyError, AttributeError, UnicodeError, json.JSONDecodeError) as error:
            raise CompiledFormatError("These bytes are not a compiled letter.") from error


def is_plain(value: str) -> bool:
    """Whether a value has nothing to escape or to encode, and fits into a line: as most have and do, addresses with tokens in them."""
    return bool(_AS_IT_IS.fullmatch(value))


def compile_letter(letter: RenderedLetter, *, boundary: str = DEFAULT_BOUNDARY) -> CompiledLetter:
    """The letter as multipart/alternative, plain text first (RFC 2046, 5.1.4: the last is the best).

    Raises ValueError for a boundary that might occur in the letter, SlotError for a slot that nobody fills.
    """
    if not _BOUNDARY.fullmatch(boundary):
        raise ValueError(f'A boundary is 1 to 70 characters of RFC 2046 and holds "=_"; {boundary!r} is not.')
    for content in (letter.text, letter.html):
        names_in(content)
    text, text_gaps = _cut(letter.text, "text")
    html, html_gaps = _cut(letter.html, "html")
    mark = b"--" + boundary.encode("ascii")
    start = f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode("ascii")
    text[0] = start + mark + _part("plain") + text[0]
    between = text.pop() + b"\r\n" + mark + _part("html") + html.pop(0)
    pieces = [*text, between, *html]
    pieces[-1] += b"\r\n" + mark + b"--\r\n"
    return CompiledLetter(tuple(pieces), (*text_gaps, *html_gaps))


def _part(subtype: str) -> bytes:
    return (
        f"\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode("ascii")


def _cut(content: str, context: Context) -> tuple[list[bytes], list[tuple[str, Context]]]:
    """Content's encoded pieces and the slots between them."""
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    # Cut first: an author's @, put back before that, could form a slot with its neighbours.
    first, *rest = SLOT.split(without_blanks_at_line_ends(content))
    fixed, names = [first], []
    for name, piece in zip(rest[::2], rest[1::2], strict=True):
        if name == AT_SIGN:
            fixed[-1] += "@" + piece
        else:
            names.append(name)
            fixed.append(piece)
    pieces = [_softly_ended(_encoded(piece)) for piece in fixed[:-1]]
    return [*pieces, _encoded(fixed[-1])], [(name, context) for name in names]


def _encoded(text: str) -> bytes:
    """Quoted-printable with hard line breaks. No blank may end a line of `text`: b2a_qp then writes 78 characters."""
    return b"\r\n".join(map(_encoded_line, text.split("\n")))


# The variants of an issue have most lines in common.
@lru_cache(maxsize=4096)
def _encoded_line(line: str) -> bytes:
    """One line, with soft breaks where it is too long."""
    encoded = b2a_qp(line.encode("utf-8", "replace"))
    if b"From " not in encoded and b"\n." not in encoded and not encoded.startswith(b"."):
        return encoded.replace(b"\n", b"\r\n")
    return b"\r\n".join(map(_harmless_start, encoded.split(b"\n")))


def _dotless(piece: bytes) -> bytes:
    """A piece in whose first version lines could begin with a dot."""
    if b"\n." not in piece and not piece.startswith(b"."):
        return piece
    return b"\r\n".join(map(_harmless_start, piece.split(b"\r\n")))


def _harmless_start(line: bytes) -> bytes:
    """No line begins with "From ", which mailbox files prefix with > (RFC 2049, 3), or with a dot, which SMTP doubles."""
    if not line.startswith((b".", b"From ")):
        return line
    start = b"=%02X" % line[0]
    if len(line) + 2 <= _LONGEST_LINE:
        return start + line[1:]
    cut = 1 if line.startswith(b".") else 5
    return start + line[1:cut] + _SOFT_BREAK + _harmless_start(line[cut:])


def _encoded_value(value: str, context: Context) -> bytes:
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if context == "html":
        value = escape_html(value)
    # Blanks are encoded too (quotetabs): a value may end a line in one.
    lines = (b2a_qp(line.encode("utf-8", "replace"), quotetabs=True) for line in value.split("\n"))
    encoded = b"\n".join(lines)
    if encoded.startswith(b".") or b"\n." in encoded:
        return _softly_ended(b"\r\n".join(map(_harmless_start, encoded.split(b"\n"))))
    return _softly_ended(encoded.replace(b"\n", b"\r\n"))


def _softly_ended(encoded: bytes) -> bytes:
    """`encoded` with a soft break at its end, whose = must still fit into the last line."""
    if len(encoded) - encoded.rfind(b"\n") - 1 < _LONGEST_LINE:
        return encoded + _SOFT_BREAK
    last = len(encoded) - (3 if encoded[-3:-2] == b"=" else 1)
    return encoded[:last] + _SOFT_BREAK + _harmless_start(encoded[last:]) + _SOFT_BREAK
