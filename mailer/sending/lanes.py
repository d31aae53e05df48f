"""Lanes: the sender threads of one worker process. Each keeps one connection to a relay and sends what lies on that relay's shelf.

A lane knows nothing of the database. It takes parcels, writes the journal, and answers each parcel's sender in one of three words:
answered, not begun, or unknown. So at most one message for each connection is without its answer at any moment.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator

from mailer.sending.connection_slots import Slot, configured_slots
from mailer.sending.health import configured_health
from mailer.sending.journal import Journal, answered, handed, one_word
from mailer.sending.parcels import Answered, Fault, Lost, NotBegun, Parcel, Shelf
from mailer.sending.relays import Relay
from mailer.sending.smtp import Connection
from mailer.sending.wire import RelayUnavailable

logger = logging.getLogger(__name__)

# A connection that nobody needs is closed after so long; servers hang up on idle ones after some minutes (RFC 5321, 4.5.3.2.7).
IDLE_SECONDS = 5.0
# A connection that lay idle for so long is tried before it is trusted with a message.
_TRY_AFTER_SECONDS = 2.0
# A slot is held for half a minute at a time.
_SLOT_RENEWAL_SECONDS = 10.0
_SHUTTING_DOWN = 421
_LOOK_SECONDS = 1.0
_FRUITLESS = 2
# A process without any connection waits so long for one, longer than others keep theirs in vain, and then leaves its letters for so long to
# those who have them all.
_SLOT_PATIENCE_SECONDS, _NO_SLOT_SECONDS = IDLE_SECONDS + 2.0, 5.0


class Lane(threading.Thread):
    """One sender thread, with its connection."""

    def __init__(self, relay: Relay, shelf: Shelf, journal: Journal) -> None:
        super().__init__(name=f"lane to {relay.name}", daemon=True)
        self._relay, self._shelf, self._journal = relay, shelf, journal
        self._connection: Connection | None = None
        self._slot: Slot | None = None
        self._slot_renewed_at = 0.0
        self._slotless_since: float | None = None
        self._last_used = 0.0
        # How many connections behind each other broke before the relay had answered for a message.
        self._fruitless = 0
        # What the journal has yet to be told: written with what comes next, or at the end of the stream.
        self._answer = ""

    def run(self) -> None:
        """Send until the shelf is closed."""
        while not self._shelf.is_closed:
            if not self._shelf.wait(IDLE_SECONDS):
                self._hang_up()
                continue
            try:
                self._work()
            except Exception:
                # Whatever it was, the parcels of others wait for this lane. What it had taken was answered.
                logger.exception("a lane to %s stumbled", self._relay.name)
                self._hang_up()
        self._hang_up()

    def _work(self) -> None:
        try:
            if not self._is_ready():
                self._wait_for_slot()
                return
            self._slotless_since = None
        except RelayUnavailable as problem:
            configured_health().report_down(self._relay, str(problem))
            self._return_all(str(problem))
            return
        self._stream()

    def _wait_for_slot(self) -> None:
        """All slots are taken: by other lanes of ours, which work meanwhile, or all by other processes."""
        now = time.monotonic()
        if self._slotless_since is None or self._shelf.is_served:
            self._slotless_since = now
        elif now - self._slotless_since > _SLOT_PATIENCE_SECONDS:
            # What we hold would wait for them with its lease renewed, for as long as they like.
            self._return_all(wait=_NO_SLOT_SECONDS)
        time.sleep(0.2)

    def _return_all(self, why: str = "", *, wait: float = 0.0) -> None:
        for parcel in self._shelf.withdraw():
            parcel.answers.put(NotBegun(parcel.item, self._relay, Fault(why), wait=wait))

    def _is_ready(self) -> bool:
        """Open the connection unless it is open and alive. Return False when no slot is free. Raises RelayUnavailable."""
        connection = self._connection
        if connection is not None and self._is_worn(connection):
            self._hang_up()
        if not self._keeps_slot():
            self._hang_up()
        if self._connection is not None:
            return True
        self._slot = configured_slots().take(self._relay, f"{self._journal.name}:{self.ident}")
        if self._slot is None:
            return False
        self._slot_renewed_at = time.monotonic()
        fresh = Connection(self._relay)
        try:
            fresh.open()
        except BaseException:
            self._give_slot_back()
            raise
        self._connection = fresh
        self._shelf.count_connection(1)
        return True

    def _is_worn(self, connection: Connection) -> bool:
        idle = time.monotonic() - self._last_used
        return (
            not connection.is_open
            or connection.delivered >= self._relay.per_connection
            or (idle > _TRY_AFTER_SECONDS and not connection.is_alive())
        )

    def _keeps_slot(self) -> bool:
        """Renew the slot now and then, in the middle of a long stream too. Return False when it is lost."""
        if self._slot is not None and time.monotonic() - self._slot_renewed_at > _SLOT_RENEWAL_SECONDS:
            if not configured_slots().renew(self._slot):
                return False
            self._slot_renewed_at = time.monotonic()
        return True

    def _stream(self) -> None:
        """Send from the shelf until it is empty, or the connection has had its share, and answer for every parcel taken."""
        if self._connection is None:
            return
        relay, word = self._relay, one_word(self._relay.name)
        open_parcels: dict[int, Parcel] = {}
        begun: set[int] = set()

        def begin(parcel: Parcel) -> bool:
            if not parcel.may_begin():
                return False
            item = parcel.item
            # With the answer to the message before, in one piece: until now that one was the one at risk, from now on this one is.
            self._journal.write(self._answer + handed(item.delivery_id, item.attempt, word))
            self._answer = ""
            begun.add(item.delivery_id)
            return True

        fault, has_answered = Fault(), False
        try:
            for parcel, reply in self._connection.deliver_all(self._parcels(open_parcels), begin=begin):
                item = parcel.item
                self._answer += answered(item.delivery_id, item.attempt, word, reply)
                del open_parcels[item.delivery_id]
                parcel.answers.put(Answered(item, relay, reply))
                if not has_answered:
                    has_answered, self._fruitless = True, 0
                    configured_health().report_up(relay)
        except RelayUnavailable as problem:
            fault = Fault(str(problem), problem.last_words)
            if problem.code == _SHUTTING_DOWN:
                # RFC 5321, 3.8: said in place of the answer, it means that the message was not taken.
                begun.clear()
            self._report_break(self._connection, fault.why)
        except OSError as problem:
            # What is not in the journal must not go: a full disk holds the letters up, and repeats none.
            fault = Fault(f"The journal can't be written: {problem.strerror}.", is_ours=True)
        finally:
            self._last_used = time.monotonic()
            self._note_answer()
            self._answer_for(open_parcels, begun, fault)

    def _report_break(self, connection: Connection, why: str) -> None:
        """That a relay hangs up at one recipient's turn does not make it down for all; that connections break one behind the other does."""
        self._fruitless = 0 if connection.delivered else self._fruitless + 1
        if self._fruitless >= _FRUITLESS:
            configured_health().report_down(self._relay, why)

    def _note_answer(self) -> None:
        """Write down what comes with no message behind it. What can't be written is told to its sender all the same."""
        if self._answer:
            with contextlib.suppress(OSError):
                self._journal.write(self._answer)
                self._answer = ""

    def _answer_for(self, unanswered: dict[int, Parcel], begun: set[int], fault: Fault) -> None:
        """Tell the senders of parcels that got no answer what is known of each, in the order in which they were to go."""
        at_its_turn = bool(fault.why) and not fault.is_ours
        for delivery_id, parcel in unanswered.items():
            if delivery_id in begun:
                parcel.answers.put(Lost(parcel.item, self._relay, fault.why or "The connection was lost."))
            else:
                parcel.answers.put(NotBegun(parcel.item, self._relay, fault, at_its_turn=at_its_turn))
            at_its_turn = False
        if unanswered:
            self._hang_up()

    def _parcels(self, open_parcels: dict[int, Parcel]) -> Iterator[Parcel]:
        connection = self._connection
        sent = connection.delivered if connection is not None else 0
        looked_at = time.monotonic()
        for _ in range(max(self._relay.per_connection - sent, 1)):
            now = time.monotonic()
            if now - looked_at >= _LOOK_SECONDS:
                looked_at = now
                if not self._keeps_slot():
                    return
                if connection is not None and connection.delivered > sent:
                    # It answers, whatever others may have thought since.
                    configured_health().report_up(self._relay)
            parcel = self._shelf.take()
            if parcel is None:
                return
            open_parcels[parcel.item.delivery_id] = parcel
            yield parcel

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._shelf.count_connection(-1)
        self._give_slot_back()

    def _give_slot_back(self) -> None:
        if self._slot is not None:
            configured_slots().give_back(self._slot)
            self._slot = None
