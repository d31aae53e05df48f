"""What a relay is told of a message, and what we need not ask it because it has said what it can't take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

import idna

from mailer.sending.wire import Reply

# RFC 5321, 4.1.2, as far as commands could suffer: an unquoted local part has no blank, quote or angle bracket; nothing has a
# control character or half of a surrogate pair. What else is wrong the relay says.
_UNSAFE = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_ADDRESS = re.compile(
    rf"""(?:[^\s<>"\\{_UNSAFE}]+|"(?:[^"\\{_UNSAFE}]|\\[ -~])*")@[^\s<>"\\@{_UNSAFE}]+""",
)

# What most addresses are: safe as well, and seen to be so in half of the time.
_USUAL_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+", re.ASCII)

_LINE_START_DOT = re.compile(rb"(?m)^\.")

Tag = TypeVar("Tag")
TagOut = TypeVar("TagOut", covariant=True)  # noqa: PLC0105  # read as "out" in other languages


class EnvelopeError(ValueError):
    """An address that no command can hold. The message is a sentence; `reply` is what a relay would have said."""

    def __init__(self, address: str, command: str) -> None:
        super().__init__(f"No mail can be sent to or from {address[:80]!r}: it is not an e-mail address.")
        self.reply = Reply(command, 553, "5.1.3 the address is not written as an e-mail address is")


class _Addresses(NamedTuple):
    sender: str
    recipient: str


class Envelope(_Addresses):
    """What the relay is told, as opposed to what stands in the headers (RFC 5321, 2.3.1). The sender may be empty (4.5.5).

    Raises EnvelopeError for an address that is none: no line break, blank or bracket gets into a command.
    """

    __slots__ = ()

    def __new__(cls, sender: str, recipient: str) -> Self:
        """Look at both."""
        if not _USUAL_ADDRESS.fullmatch(recipient) and not _ADDRESS.fullmatch(recipient):
            raise EnvelopeError(recipient, "RCPT")
        if not _can_send(sender):
            raise EnvelopeError(sender, "MAIL")
        return tuple.__new__(cls, (sender, recipient))


# Without VERP, it is the same for all.
@lru_cache(maxsize=64)
def _can_send(sender: str) -> bool:
    return not sender or bool(_ADDRESS.fullmatch(sender))


class Outgoing(Protocol[TagOut]):
    """A message to hand over, with the caller's own mark on it, which comes back with the reply.

    `pieces` are the message as it travels after DATA but for the dot at its end: no line begins with a dot that is not doubled
    (RFC 5321, 4.5.2), and the last line ends in CRLF. `size` is in octets.
    """

    @property
    def tag(self) -> TagOut: ...  # noqa: D102
    @property
    def envelope(self) -> Envelope: ...  # noqa: D102
    @property
    def pieces(self) -> Sequence[bytes]: ...  # noqa: D102
    @property
    def size(self) -> int: ...  # noqa: D102


class Whole(NamedTuple, Generic[Tag]):
    """Any message, made ready by `of`."""

    tag: Tag
    envelope: Envelope
    pieces: Sequence[bytes]
    size: int

    @classmethod
    def of(cls, tag: Tag, envelope: Envelope, message: bytes) -> Self:
        """Return a message with its leading dots doubled."""
        dotted = message
        if message.startswith(b".") or b"\n." in message:
            dotted = _LINE_START_DOT.sub(b"..", message)
        return cls(tag, envelope, (dotted,) if message.endswith(b"\r\n") else (dotted, b"\r\n"), len(message))


class Extensions:
    """What a relay said to EHLO (RFC 5321, 4.1.1.1), and how commands look for it."""

    def __init__(self, keywords: Mapping[str, str]) -> None:
        self._keywords = keywords
        self.pipelines = "PIPELINING" in keywords
        self.has_starttls = "STARTTLS" in keywords
        self._tells_size = "SIZE" in keywords
        self._takes_utf8 = "SMTPUTF8" in keywords
        limit = keywords.get("SIZE", "")
        # RFC 1870, 4: nothing or 0 is no fixed limit.
        self.size_limit = int(limit) if limit.isascii() and limit.isdigit() else 0

    @property
    def mechanisms(self) -> frozenset[str]:
        """The ways to sign in (RFC 4954, 3)."""
        return frozenset(self._keywords.get("AUTH", "").split())

    def commands(self, outgoing: Outgoing[object]) -> tuple[bytes, bytes]:
        """Return MAIL and RCPT for a message that `refusal` has nothing against."""
        (sender, recipient), options = outgoing.envelope, ""
        if not (sender.isascii() and recipient.isascii()):
            sender, recipient = _in_punycode(sender), _in_punycode(recipient)
            options = "" if sender.isascii() and recipient.isascii() else " SMTPUTF8"
            # RFC 6531, 3.1(8): whoever has SMTPUTF8 has 8BITMIME.
            if options and not all(piece.isascii() for piece in outgoing.pieces):
                options += " BODY=8BITMIME"
        told = f" SIZE={outgoing.size}" if self._tells_size else ""
        return f"MAIL FROM:<{sender}>{told}{options}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode()

    def refusal(self, outgoing: Outgoing[object]) -> Reply | None:
        """Return why this relay would not take a message, in the form of its reply, or None when it may be asked."""
        if self.size_limit and outgoing.size > self.size_limit:
            text = f"5.3.4 the message has {outgoing.size} octets, and the relay takes {self.size_limit} at most (SIZE)"
            return Reply("MAIL", 552, text)
        sender, recipient = outgoing.envelope
        if self._takes_utf8 or (sender.isascii() and recipient.isascii()):
            return None
        for command, address in (("RCPT", recipient), ("MAIL", sender)):
            if not _in_punycode(address).isascii():
                text = "5.6.7 the relay does not take addresses with letters such as ø before the @ (SMTPUTF8)"
                return Reply(command, 550, text)
        return None


def _in_punycode(address: str) -> str:
    """The address with its domain as DNS has it (RFC 5891), where it has one."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.encode(domain, uts46=True).decode()}" if not domain.isascii() else address
    except idna.IDNAError:
        return address
