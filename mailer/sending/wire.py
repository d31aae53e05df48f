"""One TCP connection to a mail server: lines out, replies in. It knows how a reply looks (RFC 5321, 4.2), and nothing of mail."""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import dataclass

# RFC 5321, 4.5.3.1.5 gives a reply line 512 octets; some servers tell long stories, and one that never ends a line must be stopped.
_LONGEST_REPLY = 64 * 1024
_CHUNK = 64 * 1024
_REPLY_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
# What Postfix, Exim, Exchange and Sendmail say after accepting; each service has words of its own, so this is the best that can be done.
_QUEUE_ID = re.compile(r"(?:queued as|\bid=|queued mail for delivery|Queued!)[ :<(]*([A-Za-z0-9.\-_@]+)", re.IGNORECASE)


class RelayUnavailable(Exception):  # noqa: N818  # it says what is so
    """No reply that concerns a message: the relay can't be reached, refuses us, or broke off. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Reply:
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
        found = _ENHANCED.match(self.text)
        return found.group(1) if found else ""

    @property
    def queue_id(self) -> str:
        """The relay's own name for the message, or an empty string when it told none that we know how to read."""
        found = _QUEUE_ID.search(self.text)
        return found.group(1) if found else ""


class Wire:
    """A connected socket with a buffer of what was read and not yet taken. Everything that goes wrong is RelayUnavailable."""

    def __init__(self, sock: socket.socket, name: str) -> None:
        self._socket = sock
        self._name = name
        self._buffer = bytearray()

    def write(self, data: bytes) -> None:
        """Send all of it."""
        try:
            self._socket.sendall(data)
        except OSError as problem:
            raise self._broke_off(problem) from problem

    def read_reply(self, command: str, *, timeout: float) -> Reply:
        """Return the next reply, whose lines are joined. `timeout` is in seconds, for each wait."""
        lines: list[str] = []
        octets = 0
        self._socket.settimeout(timeout)
        while True:
            line = self._read_line()
            found = _REPLY_LINE.fullmatch(line)
            if found is None:
                shown = line[:80].decode("utf-8", "replace")
                raise RelayUnavailable(
                    f"The relay {self._name} answered {command} with something that is no SMTP: {shown!r}"
                )
            lines.append((found[3] or b"").decode("utf-8", "replace").strip())
            if found[2] != b"-":
                return Reply(command, int(found[1]), " ".join(" ".join(lines).split())[:500], tuple(lines))
            octets += len(line)
            if octets > _LONGEST_REPLY:
                raise self._too_long()

    def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """Go on in TLS. What came before and was not asked for is refused: someone may have put it there (CVE-2011-0411)."""
        if self._buffer:
            raise RelayUnavailable(f"The relay {self._name} sent more than its answer to STARTTLS; that is not safe.")
        try:
            self._socket = context.wrap_socket(self._socket, server_hostname=host)
        except (OSError, ssl.CertificateError) as problem:
            raise RelayUnavailable(f"The relay {self._name} can't be trusted: {words_of(problem)}") from problem

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _read_line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LONGEST_REPLY:
                raise self._too_long()
            try:
                more = self._socket.recv(_CHUNK)
            except OSError as problem:
                raise self._broke_off(problem) from problem
            if not more:
                raise RelayUnavailable(f"The relay {self._name} broke off: it hung up without an answer.")
            self._buffer += more
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line

    def _too_long(self) -> RelayUnavailable:
        return RelayUnavailable(
            f"The relay {self._name} sent an answer of more than {_LONGEST_REPLY // 1024} kB; it was cut off."
        )

    def _broke_off(self, problem: Exception) -> RelayUnavailable:
        return RelayUnavailable(f"The relay {self._name} broke off: {words_of(problem)}")


def words_of(problem: Exception) -> str:
    """Return what an error of the network says, in its own words."""
    if isinstance(problem, TimeoutError):
        return "it did not answer in time."
    return str(getattr(problem, "strerror", None) or problem or type(problem).__name__)
