"""Some deliveries of a batch go over one connection, and what became of them is recorded: journal first, database within a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from mailer.models import Campaign, Variant
from mailer.sending.journal import Journal
from mailer.sending.message import Mould, fill_mould, make_mould
from mailer.sending.outcomes import judge
from mailer.sending.recording import Result, again, record
from mailer.sending.smtp import Connection, Outgoing
from mailer.sending.stopping import is_stopping
from mailer.sending.taking import Taken, put_back
from mailer.sending.wire import Reply

# A pause or a lost lease is seen within this time, and so is every outcome by others: the promise is two seconds for the one,
# one for the other.
LOOK_SECONDS = 0.9


@dataclass
class Handover:
    """One worker's way of sending a batch: a connection, a journal, and the moulds of the variants that it has met.

    `lease_holds` is asked once a second whether the lease and the campaign still allow it.
    """

    campaign: Campaign
    wire: Connection
    journal: Journal
    lease_holds: Callable[[], bool]
    _moulds: dict[int, Mould] = field(default_factory=dict)
    _looked_at: float = field(default_factory=time.monotonic)
    _going_on: bool = True

    def send(self, taken: Sequence[Taken]) -> bool:
        """Send what was taken and record what became of it. Return False when no more may be sent.

        What was not handed over is put back. Raises RelayUnavailable when the relay breaks off; what had no answer then goes again.
        """
        unsent = {item.recipient.delivery_id: item for item in taken}
        unanswered: set[int] = set()
        results: list[Result] = []
        try:
            for item, reply in self.wire.deliver_all(self._messages(taken, unsent, unanswered, results)):
                self.journal.answered(item.recipient.delivery_id, item.attempt, reply)
                unanswered.discard(item.recipient.delivery_id)
                results.append(_result(item, reply))
        finally:
            record(results)
            put_back(unsent)
            again(list(unanswered))
            self.journal.settled()
        return self._going_on

    def _messages(
        self, taken: Sequence[Taken], unsent: dict[int, Taken], unanswered: set[int], results: list[Result]
    ) -> Iterator[Outgoing[Taken]]:
        for item in taken:
            self._look(results)
            if not self._going_on:
                return
            delivery_id = item.recipient.delivery_id
            outgoing = self._outgoing(item)
            self.journal.handed(delivery_id, item.attempt)
            del unsent[delivery_id]
            unanswered.add(delivery_id)
            yield outgoing

    def _look(self, results: list[Result]) -> None:
        """Once a second: commit what is known, and see whether to go on."""
        if time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = time.monotonic()
            record(results)
            results.clear()
            self._going_on = self.lease_holds()
        self._going_on = self._going_on and not is_stopping()

    def _outgoing(self, item: Taken) -> Outgoing[Taken]:
        mould = self._moulds.get(item.variant_id)
        if mould is None:
            mould = make_mould(self.campaign, Variant.objects.get(pk=item.variant_id))
            self._moulds[item.variant_id] = mould
        # The date of the first try, so that a message that goes again is the same message.
        envelope, message = fill_mould(mould, item.recipient, now=item.first_attempt_at)
        return Outgoing(item, envelope, message)


def _result(item: Taken, reply: Reply) -> Result:
    outcome = judge(reply, attempts=item.attempt, first_attempt_at=item.first_attempt_at, now=timezone.now())
    return Result(item.recipient.delivery_id, item.attempt, outcome)
