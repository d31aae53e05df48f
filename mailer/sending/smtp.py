"""The seam to the wire: messages go to a relay, replies come back. Nothing here knows of campaigns or the database.

With PIPELINING (RFC 2920) the commands of a message travel together, and those of the next one behind the final dot of the one before:
one round trip a message instead of four. At most one message at a time is without its answer.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self

from mailer.sending.envelope import Envelope, EnvelopeError, Extensions, Outgoing, Tag, Whole
from mailer.sending.relays import Relay
from mailer.sending.session import open_session
from mailer.sending.wire import RelayUnavailable, Reply, Wire

__all__ = ["Connection", "Envelope", "EnvelopeError", "Outgoing", "Whole", "probe"]

# RFC 5321, 4.5.3.2.6: ten minutes for the reply to the final dot, or the relay may have the message while we believe that it has not.
DATA_DONE_TIMEOUT = 600.0
_SHUTTING_DOWN = 421
_GO_AHEAD = 354
# The usual answers to MAIL, RCPT and DATA, when they came in one piece.
_ALL_WELL = re.compile(rb"(?:2\d\d [^\n]*\n){2}354 [^\n]*\n")


class Connection:
    """One connection to a relay, kept for many messages; for one thread. Opens on entering.

    Opening raises RelayUnavailable when the relay can't be used at all. `trust` is whom we believe about certificates, the machine's
    authorities if it is None. `delivered` counts the messages that the relay answered for since it was opened.
    """

    def __init__(self, relay: Relay, *, trust: ssl.SSLContext | None = None) -> None:
        self._relay = relay
        self._trust = trust
        self._wire: Wire | None = None
        self._extensions = Extensions({})
        # Whether the relay owes us answers, so that what it says next belongs to no command to come.
        self._is_owed = False
        self._owes_reset = False
        self._is_in_transaction = False
        self.delivered = 0

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether messages can be tried on it. The relay may have hung up meanwhile: see `is_alive`."""
        return self._wire is not None

    def open(self) -> None:
        """Connect, secure the line and sign in, as the relay's settings ask. One that was open is closed first."""
        self.close()
        self._wire, self._extensions = open_session(self._relay, self._trust)
        self.delivered = 0

    def close(self) -> None:
        """Say goodbye and hang up. Never raises: what was answered was answered."""
        if self._wire is not None:
            with contextlib.suppress(RelayUnavailable):
                if not self._is_owed:
                    self._wire.write(b"QUIT\r\n")
            self._hang_up()

    def is_alive(self) -> bool:
        """Ask the relay whether it is still there (NOOP), for a connection that was idle. Closes one that is not. Never raises."""
        if self._wire is None:
            return False
        with contextlib.suppress(RelayUnavailable):
            self._wire.write(b"NOOP\r\n")
            if self._read("NOOP") and self._wire.is_quiet and self._wire.last_reply.is_positive:
                return True
        self._hang_up()
        return False

    def deliver(self, envelope: Envelope, message: bytes) -> Reply:
        """Hand over one message and return the reply that decides about it: the first that refuses, or the one after the final dot.

        Raises RelayUnavailable when the connection breaks or the relay says 421: then nothing is known about the message, and the
        connection is no longer of use.
        """
        ((_, reply),) = self.deliver_all([Whole.of(None, envelope, message)])
        return reply

    def deliver_all(
        self, messages: Iterable[Outgoing[Tag]], *, begin: Callable[[Tag], bool] | None = None
    ) -> Iterator[tuple[Tag, Reply]]:
        """Hand over messages one behind the other, and give each one's mark with the reply that decides about it, in their order.

        With PIPELINING a message is taken from `messages` while the one before it is on its way. `begin` is asked with a message's
        mark immediately before its content is written: only a message of which it was asked can have been accepted. When it returns
        False nothing is written, the connection is closed, as there is no other way to take DATA back, and the iteration ends. What the
        relay is known not to take (SIZE, SMTPUTF8) is answered for here, without asking it.

        Raises RelayUnavailable as `deliver` does. However the iteration ends, the connection is either ready for the next messages
        or closed.
        """
        wire = self._open_wire()
        try:
            if self._extensions.pipelines:
                yield from self._deliver_pipelined(wire, messages, begin)
            else:
                yield from self._deliver_stepwise(wire, messages, begin)
        except RelayUnavailable as problem:
            problem.broke_midway = True
            self._hang_up()
            raise
        finally:
            if self._is_owed:
                self._hang_up()

    def _deliver_pipelined(
        self, wire: Wire, messages: Iterable[Outgoing[Tag]], begin: Callable[[Tag], bool] | None
    ) -> Iterator[tuple[Tag, Reply]]:
        waiting = iter(messages)
        current, unfit = self._next(waiting)
        yield from unfit
        if current is not None:
            self._is_owed = True
            wire.write(self._group(current))
        while current is not None:
            # Nearly always: nothing was refused before, and the three replies came with the one before them.
            reply = None if not self._owes_reset and wire.skip(_ALL_WELL) else self._read_group(wire)
            following, unfit = self._next(waiting)
            commands = self._group(following)
            if reply is None:
                if begin is not None and not begin(current.tag):
                    return
                self._write_content(wire, current, commands)
                reply = self._read_end(wire)
            else:
                self._end_transaction(wire, commands)
            self._is_owed = following is not None
            self.delivered += 1
            yield current.tag, reply
            yield from unfit
            current = following

    def _end_transaction(self, wire: Wire, commands: bytes) -> None:
        """Say RSET after a refusal, and the commands of the next message right behind it; with them the answer to RSET is read."""
        self._owes_reset = self._is_in_transaction
        wire.write((b"RSET\r\n" if self._owes_reset else b"") + commands)
        if not commands:
            self._read_reset()

    def _read_reset(self) -> None:
        if self._owes_reset:
            self._owes_reset = False
            self._read("RSET")

    def _next(self, waiting: Iterator[Outgoing[Tag]]) -> tuple[Outgoing[Tag] | None, list[tuple[Tag, Reply]]]:
        """The next message that the relay may be asked about, and those before it that it would not take."""
        unfit: list[tuple[Tag, Reply]] = []
        for outgoing in waiting:
            refusal = self._extensions.refusal(outgoing)
            if refusal is None:
                return outgoing, unfit
            unfit.append((outgoing.tag, refusal))
        return None, unfit

    def _group(self, outgoing: Outgoing[Tag] | None) -> bytes:
        """The commands that travel together (RFC 2920, 3.1: DATA is the last of its group)."""
        return b"%b%bDATA\r\n" % self._extensions.commands(outgoing) if outgoing else b""

    def _read_group(self, wire: Wire) -> Reply | None:
        """Read the replies to MAIL, RCPT and DATA. Return the first that refuses, or None to go ahead."""
        self._read_reset()
        self._is_in_transaction = True
        refusal = None if self._is_done("MAIL") else wire.last_reply
        has_recipient = self._is_done("RCPT")
        if not has_recipient and refusal is None:
            refusal = wire.last_reply
        if not self._goes_ahead():
            return refusal or wire.last_reply
        if refusal is not None:
            self._end_empty_message(wire, has_recipient=has_recipient)
        return refusal

    def _end_empty_message(self, wire: Wire, *, has_recipient: bool) -> None:
        # RFC 2920, 3.1: a server may go ahead although it has no recipient; an empty message ends that. RFC 2033, 4.2 answers once
        # for each recipient: not at all.
        if has_recipient or self._relay.protocol == "lmtp":
            raise self._out_of_step("DATA")
        wire.write(b".\r\n")
        self._read_end(wire)
        self._is_in_transaction = False

    def _deliver_stepwise(
        self, wire: Wire, messages: Iterable[Outgoing[Tag]], begin: Callable[[Tag], bool] | None
    ) -> Iterator[tuple[Tag, Reply]]:
        for outgoing in messages:
            reply = self._extensions.refusal(outgoing)
            if reply is None:
                self._is_owed = True
                reply = self._ask_stepwise(wire, outgoing)
                if reply is None:
                    if begin is not None and not begin(outgoing.tag):
                        return
                    self._write_content(wire, outgoing)
                    reply = self._read_end(wire)
                self._is_owed = False
                self.delivered += 1
            yield outgoing.tag, reply

    def _ask_stepwise(self, wire: Wire, outgoing: Outgoing[Tag]) -> Reply | None:
        """Say MAIL, RCPT and DATA, each after the answer to the one before. Return the one that refuses, or None to go ahead."""
        mail, recipient = self._extensions.commands(outgoing)
        refusal = None
        for command, line in (("MAIL", mail), ("RCPT", recipient), ("DATA", b"DATA\r\n")):
            wire.write(line)
            if not (self._goes_ahead() if command == "DATA" else self._is_done(command)):
                refusal = wire.last_reply
                wire.write(b"RSET\r\n")
                self._read("RSET")
                break
        return refusal

    def _write_content(self, wire: Wire, outgoing: Outgoing[Tag], behind: bytes = b"") -> None:
        """Write a message and the dot at its end, with what may travel behind it."""
        end = b".\r\n" + behind
        wire.write_pieces([*outgoing.pieces, end], outgoing.size + len(end))

    def _read_end(self, wire: Wire) -> Reply:
        code = wire.read_code("DATA", timeout=max(DATA_DONE_TIMEOUT, self._relay.timeout))
        if code >= 300:  # noqa: PLR2004  # RFC 5321, 4.2.1: nearly always it was taken
            self._mind_goodbye(code)
            self._require_end("DATA", code)
        return wire.last_reply

    def _is_done(self, command: str) -> bool:
        code = self._read(command)
        self._require_end(command, code)
        return code < 300  # noqa: PLR2004  # RFC 5321, 4.2.1

    def _require_end(self, command: str, code: int) -> None:
        if 300 <= code < 400:  # noqa: PLR2004  # RFC 5321, 4.2.1: more is wanted, which is no answer to these commands
            raise self._out_of_step(command)

    def _mind_goodbye(self, code: int) -> None:
        if code == _SHUTTING_DOWN:
            # RFC 5321, 3.8: the relay closes the connection; it is no word about this message.
            reply = self._open_wire().last_reply
            raise RelayUnavailable(f"The relay {self._relay} closed the connection: {reply.text}", last_words=reply)

    def _goes_ahead(self) -> bool:
        code = self._read("DATA")
        if code < 400 and code != _GO_AHEAD:  # noqa: PLR2004  # RFC 5321, 4.3.2: DATA is answered by 354, or refused
            raise self._out_of_step("DATA")
        return code == _GO_AHEAD

    def _read(self, command: str) -> int:
        code = self._open_wire().read_code(command, timeout=self._relay.timeout)
        self._mind_goodbye(code)
        return code

    def _out_of_step(self, command: str) -> RelayUnavailable:
        reply = self._open_wire().last_reply
        return RelayUnavailable(
            f"The relay {self._relay} is out of step: it answered {command} with {reply.code} {reply.text}",
            last_words=reply,
        )

    def _open_wire(self) -> Wire:
        if self._wire is None:
            raise RelayUnavailable(f"The connection to the relay {self._relay} is not open.")
        return self._wire

    def _hang_up(self) -> None:
        self._is_owed = self._owes_reset = False
        if self._wire is not None:
            self._wire.close()
            self._wire = None


def probe(relay: Relay) -> None:
    """Raise RelayUnavailable, with a sentence for people, if the relay can't be used now."""
    with Connection(relay):
        pass
