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


class NotBegun(NamedTuple):
    """It was not handed over. `why` is set when the relay is at fault, and empty when the sender took it back.

    `at_its_turn`: the relay broke off when it was this one's turn, so it may be the cause.
    """

    item: Taken
    relay: Relay
    why: str = ""
    at_its_turn: bool = False


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
    """The parcels that wait for a relay."""

    def __init__(self) -> None:
        self._parcels: deque[Parcel] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return len(self._parcels)

    def put(self, parcels: list[Parcel]) -> None:
        """Lay parcels down behind the others."""
        with self._changed:
            self._parcels.extend(parcels)
            self._changed.notify(len(parcels))

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

    @property
    def is_closed(self) -> bool:
        """Whether the lanes are to end."""
        return self._closed
