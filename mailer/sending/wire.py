"""One stream to a mail server: octets out, replies in. It knows how a reply looks (RFC 5321, 4.2), and nothing of mail."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from mailer.sending.troubles import words_of

# RFC 5321, 4.5.3.1.5 gives a reply line 512 octets; some servers tell long stories, and one that never ends a line must be stopped.
_LONGEST_REPLY = 64 * 1024
# RFC 5321, 4.5.3.2.5: three minutes until a relay has taken what is written at once.
_WRITE_TIMEOUT = 180.0
_CHUNK = 8 * 1024
_REPLY_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])([^\n]*))?\r?\n")
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_LONGEST_CODE = 12
# What Postfix, Exim, Exchange and Sendmail say after accepting; each service has words of its own, so this is the best that can be done.
_QUEUE_ID = re.compile(r"(?:queued as|\bid=|queued mail for delivery|Queued!)[ :<(]*([A-Za-z0-9.\-_@]+)", re.IGNORECASE)
# Postfix's, in all of its words: the same by a quicker way.
_USUAL_QUEUE_ID = re.compile(r"2\.0\.0 Ok: queued as ([A-Za-z0-9.\-_@]+)", re.ASCII)


class Reply(NamedTuple):
    """What the relay said to `command` (RFC 5321, 4.2): code, enhanced code if any (RFC 2034, RFC 3463), text."""

    command: str
    code: int
    text: str
    lines: tuple[str, ...] = ()

    @property
    def is_positive(self) -> bool:
        """Whether the command was done (RFC 5321, 4.2.1: 2yz)."""
        return 200 <= self.code < 300  # noqa: PLR2004  # the RFC's own numbers

    @property
    def enhanced_code(self) -> str:
        """The enhanced status code, or an empty string."""
        return _enhanced_code(self.text[:_LONGEST_CODE])

    @property
    def queue_id(self) -> str:
        """The relay's own name for the message, or an empty string when it told none that we know how to read."""
        found = _USUAL_QUEUE_ID.fullmatch(self.text) or _QUEUE_ID.search(self.text)
        return found.group(1) if found else ""


# A relay says much the same of most messages.
@lru_cache(maxsize=256)
def _enhanced_code(beginning: str) -> str:
    found = _ENHANCED.match(beginning)
    return found.group(1) if found else ""


class RelayUnavailable(Exception):  # noqa: N818  # it says what is so
    """No reply that concerns a message: the relay can't be reached, refuses us, or broke off. The message is a sentence for people.

    `broke_midway` tells a connection that broke while messages went over it from one that was of no use from the start: after the
    second no message can have been accepted. `last_words` is the last that the relay said, if it said anything.
    """

    def __init__(self, message: str, *, broke_midway: bool = False, last_words: Reply | None = None) -> None:
        super().__init__(message)
        self.broke_midway = broke_midway
        self.last_words = last_words

    @property
    def code(self) -> int:
        """The code of the relay's last words, or 0."""
        return self.last_words.code if self.last_words else 0

    @property
    def text(self) -> str:
        """The text of the relay's last words, or an empty string."""
        return self.last_words.text if self.last_words else ""


class Wire:
    """A connected socket with a buffer of what was read and not yet taken. Everything that goes wrong is RelayUnavailable.

    `name` is the relay's, for people; `timeout` is in seconds, for one wait. For one thread.
    """

    def __init__(self, sock: socket.socket, name: str, *, timeout: float) -> None:
        self._socket = sock
        self._name = name
        self._timeout = timeout
        self._buffer = b""
        self._taken = 0
        self._command = ""
        self._lines: tuple[bytes, ...] = ()
        self._code = 0
        # Whether what goes over it is in TLS.
        self.is_encrypted = isinstance(sock, ssl.SSLSocket)
        self._be_patient()

    def _be_patient(self) -> None:
        # The kernel's time-outs instead of Python's: those cost a poll before each call and an ioctl for each change.
        self._socket.settimeout(None)
        patience = struct.pack("ll", int(self._timeout), int(self._timeout % 1 * 1_000_000))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)

    @property
    def is_quiet(self) -> bool:
        """Whether everything that was read has been taken."""
        return self._taken == len(self._buffer)

    def write(self, octets: bytes) -> None:
        """Send all of it."""
        self.write_pieces([octets], len(octets))

    def write_pieces(self, pieces: Sequence[bytes], size: int) -> None:
        """Send all of it, without putting the pieces together first where the stream is not encrypted. `size` is in octets."""
        try:
            if self.is_encrypted:
                self._socket.sendall(b"".join(pieces))
                return
            sent = self._socket.sendmsg(pieces)
            if sent < size:
                self._write_rest(memoryview(b"".join(pieces))[sent:])
        except OSError as problem:
            raise self._broke_off(problem) from problem

    def _write_rest(self, rest: memoryview) -> None:
        deadline = time.monotonic() + _WRITE_TIMEOUT
        while rest:
            if time.monotonic() > deadline:
                raise TimeoutError
            rest = rest[self._socket.send(rest) :]

    def read_code(self, command: str, *, timeout: float) -> int:
        """Read the next reply, that to `command`, and return its code; `last_reply` has the rest. `timeout` is in seconds."""
        self._command = command
        if self._taken == len(self._buffer):
            self._receive(time.monotonic() + timeout)
        found = _REPLY_LINE.match(self._buffer, self._taken)
        if found is None:
            return self._read_slowly(time.monotonic() + timeout)
        code, more, line = found.groups(b"")
        if more == b"-":
            return self._read_slowly(time.monotonic() + timeout)
        self._taken, self._lines, self._code = found.end(), (line,), int(code)
        return self._code

    def skip(self, replies: re.Pattern[bytes]) -> bool:
        """Take replies that look so, if all of them are there or come in one piece. Return whether they did."""
        if self._taken == len(self._buffer):
            return False
        found = replies.match(self._buffer, self._taken)
        if found is None:
            return False
        self._taken = found.end()
        return True

    def read_reply(self, command: str, *, timeout: float) -> Reply:
        """Read the next reply, that to `command`. `timeout` is in seconds."""
        self.read_code(command, timeout=timeout)
        return self.last_reply

    @property
    def last_reply(self) -> Reply:
        """What was last read, its lines joined (RFC 5321, 4.2.1)."""
        lines = tuple([_text(line) for line in self._lines])
        return Reply(self._command, self._code, " ".join(lines)[:500], lines)

    def _read_slowly(self, deadline: float) -> int:
        lines: list[bytes] = []
        code, octets = b"", 0
        while True:
            found = self._next_line(deadline)
            if code and found[1] != code:
                raise self._unavailable(f"answered {self._command} with two codes at once, {code!r} and {found[1]!r}.")
            code = found[1]
            lines.append(found[3] or b"")
            if found[2] != b"-":
                self._lines, self._code = tuple(lines), int(code)
                return self._code
            octets += found.end() - found.start()
            if octets > _LONGEST_REPLY:
                raise self._too_long()

    def _next_line(self, deadline: float) -> re.Match[bytes]:
        while self._buffer.find(b"\n", self._taken) < 0:
            self._receive(deadline)
        found = _REPLY_LINE.match(self._buffer, self._taken)
        if found is None:
            shown = self._buffer[self._taken : self._taken + 80].decode("utf-8", "replace")
            raise self._unavailable(f"answered {self._command} with something that is no SMTP: {shown!r}")
        self._taken = found.end()
        return found

    def _receive(self, deadline: float) -> None:
        """Read some more. A wait of the kernel's is shorter than some phases, so the deadline decides."""
        kept = self._buffer[self._taken :]
        if len(kept) > _LONGEST_REPLY:
            raise self._too_long()
        more = b""
        try:
            more = self._socket.recv(_CHUNK)
        except (TimeoutError, BlockingIOError):
            if time.monotonic() >= deadline:
                raise self._broke_off(TimeoutError()) from None
        except OSError as problem:
            raise self._broke_off(problem) from problem
        else:
            if not more:
                raise self._unavailable("broke off: it hung up without an answer.")
            if kept and time.monotonic() >= deadline:
                raise self._broke_off(TimeoutError())
        self._buffer, self._taken = kept + more, 0

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Go on in TLS. What came before and was not asked for is refused: someone may have put it there (CVE-2011-0411)."""
        if not self.is_quiet:
            raise self._unavailable("sent more than its answer to STARTTLS; that is not safe.")
        self._socket.settimeout(self._timeout)
        try:
            self._socket = context.wrap_socket(self._socket, server_hostname=host)
            self.is_encrypted = True
        except (OSError, ValueError) as problem:
            raise self._unavailable(f"can't be trusted: {words_of(problem)}") from problem

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _too_long(self) -> RelayUnavailable:
        return self._unavailable(f"sent an answer of more than {_LONGEST_REPLY // 1024} kB; it was cut off.")

    def _broke_off(self, problem: Exception) -> RelayUnavailable:
        return self._unavailable(f"broke off: {words_of(problem)}")

    def _unavailable(self, what: str) -> RelayUnavailable:
        return RelayUnavailable(f"The relay {self._name} {what}", last_words=self.last_reply if self._code else None)


def _text(line: bytes) -> str:
    """A line of a reply without what no database column and no terminal can take."""
    text = line.decode("utf-8", "replace").strip()
    return text if text.isprintable() else " ".join("".join(c if c.isprintable() else " " for c in text).split())
