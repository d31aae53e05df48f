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
from queue import SimpleQueue

from mailer.sending.connection_slots import Slot, configured_slots
from mailer.sending.health import configured_health
from mailer.sending.journal import Journal, answered, handed
from mailer.sending.parcels import Answer, Answered, Lost, NotBegun, Parcel, Shelf
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
_REPORT_SECONDS = 1.0
_FRUITLESS = 2


class Lane(threading.Thread):
    """One sender thread, with its connection."""

    def __init__(self, relay: Relay, shelf: Shelf, journal: Journal) -> None:
        super().__init__(name=f"lane to {relay.name}", daemon=True)
        self._relay, self._shelf, self._journal = relay, shelf, journal
        self._connection: Connection | None = None
        self._slot: Slot | None = None
        self._slot_renewed_at = 0.0
        self._last_used = 0.0
        self._reported_at = float("-inf")
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
                # All slots are taken, by other lanes or other machines: they work for us meanwhile.
                time.sleep(0.2)
                return
        except RelayUnavailable as problem:
            configured_health().report_down(self._relay, str(problem))
            for parcel in self._shelf.withdraw():
                parcel.answers.put(NotBegun(parcel.item, self._relay, str(problem)))
            return
        self._stream()

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
        relay = self._relay
        open_parcels: dict[int, Parcel] = {}
        begun: set[int] = set()

        def begin(parcel: Parcel) -> bool:
            if not parcel.may_begin():
                return False
            item = parcel.item
            # With the answer to the message before, in one piece: until now that one was the one at risk, from now on this one is.
            self._note(handed(item.delivery_id, item.attempt, relay.name))
            begun.add(item.delivery_id)
            return True

        why = ""
        try:
            for parcel, reply in self._connection.deliver_all(self._parcels(open_parcels), begin=begin):
                item = parcel.item
                self._answer += answered(item.delivery_id, item.attempt, relay.name, reply)
                del open_parcels[item.delivery_id]
                parcel.answers.put(Answered(item, relay, reply))
                self._report_up()
        except RelayUnavailable as problem:
            why = str(problem)
            if problem.last_words is not None and problem.last_words.code == _SHUTTING_DOWN:
                # RFC 5321, 3.8: said in place of the answer, it means that the message was not taken.
                begun.clear()
            self._report_break(self._connection, why)
        except OSError as problem:
            # What is not in the journal must not go: a full disk holds the letters up, and repeats none.
            why = f"The journal can't be written: {problem.strerror}."
        finally:
            self._last_used = time.monotonic()
            with contextlib.suppress(OSError):
                self._note("")
            self._answer_for(open_parcels, begun, why)

    def _report_up(self) -> None:
        """Once a second: the relay answers, whatever others may have thought since."""
        self._fruitless = 0
        if time.monotonic() - self._reported_at >= _REPORT_SECONDS:
            self._reported_at = time.monotonic()
            configured_health().report_up(self._relay)

    def _report_break(self, connection: Connection, why: str) -> None:
        """That a relay hangs up at one recipient's turn does not make it down for all; that connections break one behind the other does."""
        self._fruitless = 0 if connection.delivered else self._fruitless + 1
        if self._fruitless >= _FRUITLESS:
            configured_health().report_down(self._relay, why)

    def _note(self, line: str) -> None:
        if self._answer or line:
            self._journal.write(self._answer + line)
            self._answer = ""

    def _answer_for(self, unanswered: dict[int, Parcel], begun: set[int], why: str) -> None:
        """Tell the senders of parcels that got no answer what is known of each, in the order in which they were to go."""
        at_its_turn = bool(why)
        for delivery_id, parcel in unanswered.items():
            if delivery_id in begun:
                parcel.answers.put(Lost(parcel.item, self._relay, why or "The connection was lost."))
            else:
                parcel.answers.put(NotBegun(parcel.item, self._relay, why, at_its_turn=at_its_turn))
            at_its_turn = False
        if unanswered:
            self._hang_up()

    def _parcels(self, open_parcels: dict[int, Parcel]) -> Iterator[Parcel]:
        connection = self._connection
        sent = connection.delivered if connection is not None else 0
        for _ in range(max(self._relay.per_connection - sent, 1)):
            parcel = self._shelf.take() if self._keeps_slot() else None
            if parcel is None:
                return
            open_parcels[parcel.item.delivery_id] = parcel
            yield parcel

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._give_slot_back()

    def _give_slot_back(self) -> None:
        if self._slot is not None:
            configured_slots().give_back(self._slot)
            self._slot = None


class Fleet:
    """The lanes of one process, started as they are needed."""

    def __init__(self, journal: Journal, lanes_per_relay: int) -> None:
        self.journal = journal
        self._lanes_per_relay = lanes_per_relay
        # In messages a second, over all that the last batch took: of use to the next one.
        self.last_rate = 0.0
        self._shelves: dict[Relay, Shelf] = {}
        self._lanes: dict[Relay, list[Lane]] = {}

    def send(self, relay: Relay, parcels: list[Parcel]) -> None:
        """Lay parcels on a relay's shelf, and see that there are lanes to take them."""
        if relay not in self._shelves:
            self._shelves[relay], self._lanes[relay] = Shelf(), []
        shelf, lanes = self._shelves[relay], self._lanes[relay]
        shelf.put(parcels)
        wanted = min(self._lanes_per_relay, relay.connections, max(len(lanes), len(shelf)))
        while len(lanes) < wanted:
            lane = Lane(relay, shelf, self.journal)
            lanes.append(lane)
            lane.start()

    def withdraw(self, sender: SimpleQueue[Answer]) -> None:
        """Take back what a sender has laid down and no lane has taken: it is answered as not begun."""
        for relay, shelf in self._shelves.items():
            for parcel in shelf.withdraw(sender):
                parcel.answers.put(NotBegun(parcel.item, relay))

    def close(self, *, wait_seconds: float = 2.0) -> None:
        """Send the lanes home; each says goodbye to its relay."""
        for shelf in self._shelves.values():
            shelf.close()
        end = time.monotonic() + wait_seconds
        for lanes in self._lanes.values():
            for lane in lanes:
                lane.join(timeout=max(end - time.monotonic(), 0))
