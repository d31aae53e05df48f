"""The press: makes the messages of one handover, a little ahead of the lanes.

What was made a moment ago is still in the processor's cache when a lane sends it, and its memory serves for the next ones. A thousand
messages made at once are in nobody's.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue

from mailer.sending.fleet import Fleet
from mailer.sending.message import Mould, fill_mould
from mailer.sending.parcels import Answer, Answered, Parcel
from mailer.sending.relays import Relay
from mailer.sending.smtp import EnvelopeError
from mailer.sending.taking import Taken
from mailer.sending.wire import Reply

# So many are made in one go: enough that it pays, and few enough that lanes don't wait for them, signed ones least of all.
_AT_ONCE = 50
# So many lie ready or are on the wire: what the lanes send while the database is asked.
_AHEAD = 300

logger = logging.getLogger(__name__)


class Press:
    """The deliveries of one handover that may go, and whose messages are not made yet. For one thread.

    `may_begin` is what a lane asks before it begins one of them, and `answers` where it says what became of each.
    """

    def __init__(self, fleet: Fleet, may_begin: Callable[[], bool], answers: SimpleQueue[Answer]) -> None:
        self._fleet, self._may_begin, self._answers = fleet, may_begin, answers
        self._waiting: deque[tuple[Taken, Relay, Mould]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, items: Sequence[Taken], relay: Relay, moulds: Mapping[int, Mould]) -> None:
        """Let deliveries go over a relay, in their turn."""
        self._waiting.extend([(item, relay, moulds[item.variant_id]) for item in items])

    def feed(self, in_flight: dict[int, Taken]) -> None:
        """Make messages until enough are ahead, lay them out for the lanes, and enter their deliveries into `in_flight`."""
        while self._waiting and len(in_flight) < _AHEAD:
            parcels: dict[Relay, list[Parcel]] = {}
            for _ in range(min(_AT_ONCE, len(self._waiting))):
                item, relay, mould = self._waiting.popleft()
                in_flight[item.delivery_id] = item
                parcel = self._made(item, relay, mould)
                if parcel is not None:
                    parcels.setdefault(relay, []).append(parcel)
            for relay, its in parcels.items():
                self._fleet.send(relay, its)

    def withdraw(self) -> list[tuple[Taken, Relay]]:
        """Take back what is not made yet."""
        left = [(item, relay) for item, relay, _ in self._waiting]
        self._waiting.clear()
        return left

    def _made(self, item: Taken, relay: Relay, mould: Mould) -> Parcel | None:
        """Make one message. One that can't be made is answered for at once."""
        try:
            # With the date of the first try, so that a message that goes again is the same message.
            envelope, pieces, size = fill_mould(mould, item.recipient, now=item.first_attempt_at)
        except EnvelopeError as problem:
            self._answers.put(Answered(item, relay, problem.reply))
        except Exception as problem:
            # One recipient whose letter can't be made never keeps the others from theirs (langx#1348, mautic#7226).
            logger.exception("delivery %s can't be composed", item.delivery_id)
            self._answers.put(Answered(item, relay, _not_composed(problem)))
        else:
            return Parcel(item, envelope, pieces, size, self._may_begin, self._answers)
        return None


def _not_composed(problem: Exception) -> Reply:
    # RFC 3463, 3.7: X.6.0, something about the content was not acceptable. No relay was asked.
    return Reply("MESSAGE", 554, f"5.6.0 The letter could not be made for this address: {problem}"[:500])
