"""The seam to the wire: messages go to a relay, replies come back. Nothing here knows of campaigns or the database.

With PIPELINING (RFC 2920) the commands of a message travel together, and those of the next one behind the final dot of the one before:
one round trip a message instead of four. At most one message at a time is without its answer.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Generic, Self, TypeVar

from mailer.sending.relays import Relay
from mailer.sending.sasl import sign_in
from mailer.sending.wire import RelayUnavailable, Reply, Wire, words_of

# RFC 5321, 4.5.3.2.6: ten minutes for the reply to the final dot, or the relay may have the message while we believe that it has not.
DATA_DONE_TIMEOUT = 600.0
_SHUTTING_DOWN = 421
_GO_AHEAD = 354
_LINE_START_DOT = re.compile(rb"(?m)^\.")

Tag = TypeVar("Tag")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the relay is told, as opposed to what stands in the headers (RFC 5321, 2.3.1)."""

    sender: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Outgoing(Generic[Tag]):
    """A message to hand over, with the caller's own mark on it, which comes back with the reply."""

    tag: Tag
    envelope: Envelope
    message: bytes


class Connection:
    """One connection to a relay, kept for many messages. Opens on entering; raises RelayUnavailable when the relay can't be used at all."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._wire: Wire | None = None
        self._extensions: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Connect, secure the line and sign in, as the relay's settings ask."""
        relay = self._relay
        try:
            raw = socket.create_connection((relay.host, relay.port), timeout=relay.timeout)
        except OSError as problem:
            raise RelayUnavailable(f"The relay {relay} can't be used: {words_of(problem)}") from problem
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wire = Wire(raw, str(relay))
        try:
            self._greet()
        except BaseException:
            self._wire.close()
            self._wire = None
            raise

    def close(self) -> None:
        """Say goodbye and hang up. Never raises: what was answered was answered."""
        if self._wire is not None:
            with contextlib.suppress(RelayUnavailable):
                self._wire.write(b"QUIT\r\n")
            self._wire.close()
            self._wire = None

    def deliver(self, envelope: Envelope, message: bytes) -> Reply:
        """Hand over one message and return the reply that decides about it: the first that refuses, or the one after the final dot.

        Raises RelayUnavailable when the connection breaks or the relay says 421: then nothing is known about the message, and the
        connection is no longer of use.
        """
        ((_, reply),) = self.deliver_all([Outgoing(None, envelope, message)])
        return reply

    def deliver_all(self, messages: Iterable[Outgoing[Tag]]) -> Iterator[tuple[Tag, Reply]]:
        """Hand over messages one behind the other, and give each one's mark with the reply that decides about it, in their order.

        With PIPELINING a message is taken from `messages` while the one before it is on its way; at most one is without its answer.
        Raises RelayUnavailable as `deliver` does.
        """
        if "PIPELINING" not in self._extensions:
            for outgoing in messages:
                yield outgoing.tag, self._deliver_stepwise(outgoing.envelope, outgoing.message)
            return
        waiting = iter(messages)
        current = next(waiting, None)
        self._write(self._commands_of(current))
        while current is not None:
            refusal = self._read_commands()
            following = next(waiting, None)
            if refusal is None:
                self._write(_content(current.message), self._commands_of(following))
                reply = self._read("DATA", timeout=DATA_DONE_TIMEOUT)
            else:
                self._write(self._commands_of(following))
                reply = refusal
            yield current.tag, reply
            current = following

    def _commands_of(self, outgoing: Outgoing[Tag] | None) -> bytes:
        if outgoing is None:
            return b""
        return b"".join((*self._addressing(outgoing.envelope, len(outgoing.message)), b"DATA\r\n"))

    def _addressing(self, envelope: Envelope, size: int) -> tuple[bytes, bytes]:
        options = f" SIZE={size}" if "SIZE" in self._extensions else ""
        if not f"{envelope.sender}{envelope.recipient}".isascii():
            options += " SMTPUTF8"
        return f"MAIL FROM:<{envelope.sender}>{options}\r\n".encode(), f"RCPT TO:<{envelope.recipient}>\r\n".encode()

    def _deliver_stepwise(self, envelope: Envelope, message: bytes) -> Reply:
        mail, recipient = self._addressing(envelope, len(message))
        for command, line in (("MAIL", mail), ("RCPT", recipient), ("DATA", b"DATA\r\n")):
            self._write(line)
            reply = self._read(command)
            if not reply.is_positive and reply.code != _GO_AHEAD:
                self._reset()
                return reply
        self._write(_content(message))
        return self._read("DATA", timeout=DATA_DONE_TIMEOUT)

    def _reset(self) -> None:
        self._write(b"RSET\r\n")
        self._read("RSET")

    def _write(self, *pieces: bytes) -> None:
        data = b"".join(pieces)
        if data:
            self._open_wire().write(data)

    def _read_commands(self) -> Reply | None:
        """Read the replies to MAIL, RCPT and DATA. Return the first that refuses, with the transaction ended, or None to go ahead."""
        mail, recipient, data = (self._read(command) for command in ("MAIL", "RCPT", "DATA"))
        refusal = next((reply for reply in (mail, recipient) if not reply.is_positive), None)
        if data.code == _GO_AHEAD:
            if refusal is not None:
                # RFC 2920, 3.1: a server may go ahead although it has no recipient; an empty message ends that.
                self._write(b".\r\n")
                self._read("DATA", timeout=DATA_DONE_TIMEOUT)
            return refusal
        self._reset()
        return refusal or data

    def _read(self, command: str, *, timeout: float | None = None) -> Reply:
        reply = self._open_wire().read_reply(command, timeout=timeout or self._relay.timeout)
        if reply.code == _SHUTTING_DOWN:
            # RFC 5321, 3.8: the relay closes the connection; it is no word about this message.
            raise RelayUnavailable(f"The relay {self._relay} closed the connection: {reply.text}")
        return reply

    def _open_wire(self) -> Wire:
        if self._wire is None:
            raise RelayUnavailable("The connection is not open.")
        return self._wire

    def _greet(self) -> None:
        relay, wire = self._relay, self._open_wire()
        if relay.security == "tls":
            wire.start_tls(ssl.create_default_context(), relay.host)
        self._expect(self._read("the connection"))
        self._say_hello()
        if relay.security == "starttls":
            if "STARTTLS" not in self._extensions:
                raise RelayUnavailable(
                    f"The relay {relay} has no STARTTLS, and SMTP_URL asks for it. Nothing was sent."
                )
            wire.write(b"STARTTLS\r\n")
            self._expect(self._read("STARTTLS"))
            wire.start_tls(ssl.create_default_context(), relay.host)
            # RFC 3207, 4.2: what was said before TLS is forgotten.
            self._say_hello()
        if relay.user:
            self._sign_in()

    def _say_hello(self) -> None:
        name = _own_name()
        self._write(f"EHLO {name}\r\n".encode("ascii", "replace"))
        reply = self._read("EHLO")
        if not reply.is_positive:
            # RFC 5321, 3.2: a server that knows no EHLO has no extensions.
            self._write(f"HELO {name}\r\n".encode("ascii", "replace"))
            self._expect(self._read("HELO"))
        words = (line.upper().partition(" ") for line in reply.lines[1:])
        self._extensions = {keyword: rest for keyword, _, rest in words} if reply.is_positive else {}

    def _sign_in(self) -> None:
        offered = frozenset(self._extensions.get("AUTH", "").split())
        relay = self._relay
        reply = sign_in(self._open_wire(), relay, offered)
        if not reply.is_positive:
            raise RelayUnavailable(
                f"The relay {relay} does not let {relay.user} in: {reply.text or reply.code}. Look at the name and secret in SMTP_URL."
            )

    def _expect(self, reply: Reply) -> None:
        if not reply.is_positive:
            raise RelayUnavailable(f"The relay {self._relay} can't be used: it answers {reply.code} {reply.text}")


@lru_cache(maxsize=1)
def _own_name() -> str:
    # Once a process: a machine whose names nobody resolves takes seconds to find that out.
    return socket.getfqdn() or "localhost"


def _content(message: bytes) -> bytes:
    """Return a message as it travels after DATA: leading dots doubled, ended by a dot alone (RFC 5321, 4.5.2)."""
    if message.startswith(b".") or b"\n." in message:
        message = _LINE_START_DOT.sub(b"..", message)
    return message + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")


def probe(relay: Relay) -> None:
    """Raise RelayUnavailable, with a sentence for people, if the relay can't be used now."""
    with Connection(relay):
        pass
