"""What passes between a batch and the lanes: parcels on a shelf, and the word that comes back for each."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import NamedTuple, Self

from mailer.sending.relays import Relay
from mailer.sending.smtp import Envelope
from mailer.sending.taking import Taken
from mailer.sending.wire import Reply


class Answered(NamedTuple):
    """The relay said what becomes of it."""

    item: Taken
    relay: Relay
    reply: Reply


class Fault(NamedTuple):
    """Why something was not handed over: `why` is a sentence, empty when nothing was wrong and the sender took it back.

    `last_words` are what the relay said; `is_ours`: this machine is at fault, so that the others would fare no better.
    """

    why: str = ""
    last_words: Reply | None = None
    is_ours: bool = False


class NotBegun(NamedTuple):
    """It was not handed over.

    `at_its_turn`: the relay broke off when it was this one's turn, so it may be the cause. `wait`: it makes no sense to try again for so
    many seconds.
    """

    item: Taken
    relay: Relay
    fault: Fault = Fault()
    at_its_turn: bool = False
    wait: float = 0.0


class Lost(NamedTuple):
    """Its content went onto the wire, and no answer came: the relay may have it. `why` holds the last words."""

    item: Taken
    relay: Relay
    why: str


Answer = Answered | NotBegun | Lost


class Parcel(NamedTuple):
    """A delivery on its way to a lane, with its message (see `smtp.Outgoing`). `may_begin` is asked at the last moment."""

    item: Taken
    envelope: Envelope
    pieces: Sequence[bytes]
    size: int
    may_begin: Callable[[], bool]
    answers: SimpleQueue[Answer]

    @property
    def tag(self) -> Self:
        """What comes back with the reply is the parcel itself."""
        return self


class Shelf:
    """The parcels that wait for a relay, and how many lanes of this process are connected to it."""

    def __init__(self) -> None:
        self._parcels: deque[Parcel] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._connected = 0

    def __len__(self) -> int:
        return len(self._parcels)

    def put(self, parcels: list[Parcel]) -> bool:
        """Lay parcels down behind the others. Return False when it is closed, and nobody would take them."""
        with self._changed:
            if self._closed:
                return False
            self._parcels.extend(parcels)
            self._changed.notify(len(parcels))
            return True

    def take(self) -> Parcel | None:
        """Return the first parcel, or None at once when there is none."""
        # Without the lock, which each message would have to wait for: taking from a deque is one step.
        try:
            return self._parcels.popleft()
        except IndexError:
            return None

    def withdraw(self, sender: SimpleQueue[Answer] | None = None) -> list[Parcel]:
        """Take back everything, or what one sender has laid down."""
        with self._changed:
            left = list(iter(self.take, None))
            self._parcels.extend(parcel for parcel in left if sender is not None and parcel.answers is not sender)
            return [parcel for parcel in left if sender is None or parcel.answers is sender]

    def wait(self, seconds: float) -> bool:
        """Wait until there is something, at most so long. Return whether there is."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._parcels) or self._closed, seconds) and not self._closed

    def close(self) -> None:
        """Send the lanes home."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def count_connection(self, difference: int) -> None:
        """Note that a lane has connected (1) or hung up (-1)."""
        with self._changed:
            self._connected += difference

    @property
    def is_served(self) -> bool:
        """Whether any lane is connected."""
        return self._connected > 0

    @property
    def is_closed(self) -> bool:
        """Whether the lanes are to end."""
        return self._closed
