"""The fleet: all lanes of one process, a shelf for each relay. Whoever sends lays parcels down here, and is answered through them."""

from __future__ import annotations

import threading
import time
from queue import SimpleQueue

from mailer.sending.journal import Journal
from mailer.sending.lanes import Lane
from mailer.sending.parcels import Answer, Fault, NotBegun, Parcel, Shelf
from mailer.sending.relays import Relay

# Said to a thread whose neighbour had to give up the lanes: the journal they share may not be written any more.
_GIVEN_UP = Fault("This process gave its connections up, after a fault of its own.", is_ours=True)
# By then it has new ones.
_TAKEN_UP_SECONDS = 1.0


class Fleet:
    """The lanes of one process, started as they are needed."""

    def __init__(self, journal: Journal, lanes_per_relay: int) -> None:
        self.journal = journal
        self._lanes_per_relay = lanes_per_relay
        # In messages a second, over all that the last batch took: of use to the next one.
        self.last_rate = 0.0
        self._is_closed = False
        # Two batches are worked on at a time, and both may come to a relay first.
        self._beginning = threading.Lock()
        self._shelves: dict[Relay, Shelf] = {}
        self._lanes: dict[Relay, list[Lane]] = {}

    def send(self, relay: Relay, parcels: list[Parcel]) -> None:
        """Lay parcels on a relay's shelf, and see that there are lanes to take them."""
        with self._beginning:
            if relay not in self._shelves:
                self._shelves[relay], self._lanes[relay] = Shelf(), []
                if self._is_closed:
                    self._shelves[relay].close()
        shelf, lanes = self._shelves[relay], self._lanes[relay]
        if not shelf.put(parcels):
            for parcel in parcels:
                parcel.answers.put(NotBegun(parcel.item, relay, _GIVEN_UP, wait=_TAKEN_UP_SECONDS))
            return
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
        """Send the lanes home; each says goodbye to its relay. What is still laid down is answered at once, as not begun."""
        with self._beginning:
            self._is_closed = True
        for relay, shelf in self._shelves.items():
            shelf.close()
            for parcel in shelf.withdraw():
                parcel.answers.put(NotBegun(parcel.item, relay, _GIVEN_UP, wait=_TAKEN_UP_SECONDS))
        end = time.monotonic() + wait_seconds
        for lanes in self._lanes.values():
            for lane in lanes:
                lane.join(timeout=max(end - time.monotonic(), 0))
