"""The deliveries of a batch go to the lanes, and what became of them is recorded: journal first, database within a second."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from queue import Empty, SimpleQueue

from django.conf import settings
from django.utils import timezone

from mailer.models import Campaign, Delivery
from mailer.sending.clock import lease_clock
from mailer.sending.doubt import Doubt
from mailer.sending.fleet import Fleet
from mailer.sending.health import configured_health
from mailer.sending.leases import Lease
from mailer.sending.message import MouldError
from mailer.sending.moulds import moulds_for
from mailer.sending.outcomes import is_temporary, judge
from mailer.sending.pace import Permit, configured_pace
from mailer.sending.parcels import Answer, Answered, Lost, NotBegun
from mailer.sending.patience import patiently
from mailer.sending.press import Press
from mailer.sending.recording import Result, Unknown, record, record_unknown
from mailer.sending.relays import Relay, configured_relays
from mailer.sending.stopping import is_stopping
from mailer.sending.taking import Taken
from mailer.sending.tallies import sent_today
from mailer.sending.wire import Reply

# A pause or a lost lease is seen within this time, and so is every outcome by others: the promise is two seconds for the one,
# one for the other.
LOOK_SECONDS = 0.9
# Who must wait longer than this, for the pace or for a relay, makes room for others: the batch is taken up again when it is due.
PATIENCE_SECONDS = 3.0
# A worker that is told to stop has ten seconds in all; what a relay has not answered after these is uncertain.
_STOPPING_SECONDS = 5.5
# A recipient at whose command the relay hangs up this often is tried later, like one that was refused for now.
_MOST_BREAKS = 3
# How soon a letter is tried again of which no message could be made.
_MENDING_SECONDS = 60.0
# Taken in one statement: what goes in a second at the rate of the batch before, within these limits. What is taken and not begun when
# the machine is lost is uncertain, so slow relays get few at a time. The largest is more than a batch has, so that one take shows its end.
_FIRST_CHUNK, _LARGEST_CHUNK, _CHUNK_SECONDS = 20, 1100, 1.0
_MANY, _SLICE_SECONDS = 40, 0.01


class End(Enum):
    """How the handing over of a batch ended."""

    DONE = "done"
    STOPPED = "stopped"
    HELD = "held"


@dataclass
class Handover:
    """One batch on its way to the lanes.

    `take_more` takes up to so many deliveries and tells whether there may be more; `lease_holds` is asked once a second whether the lease
    and the campaign still allow it, and renews the lease, which runs out at `held_until` (`lease_clock`) else. `put_back` takes ids of
    what was not begun, for how many seconds each is to wait, and of which a relay was asked all the same. After `run` has returned HELD,
    `held_because` and `held_seconds` say why, and for how long.
    """

    campaign: Campaign
    lease: Lease
    fleet: Fleet
    take_more: Callable[[int], tuple[list[Taken], bool]]
    lease_holds: Callable[[], bool]
    put_back: Callable[[list[int], list[float], set[int]], None]
    held_until: float
    held_because: str = ""
    held_seconds: float = 0.0
    _answers: SimpleQueue[Answer] = field(default_factory=SimpleQueue)
    _press: Press = field(init=False)
    # Made, and not answered for.
    _in_flight: dict[int, Taken] = field(default_factory=dict)
    # What may not go yet, and when (monotonic seconds) it makes sense to ask again.
    _waiting: list[tuple[Taken, float]] = field(default_factory=list)
    _breaks: Counter[int] = field(default_factory=Counter)
    _results: list[Result] = field(default_factory=list)
    _doubts: defaultdict[Relay, Doubt] = field(default_factory=lambda: defaultdict(Doubt))
    # Relays that refuse us, whoever it is for, with what they say.
    _refusing: dict[Relay, str] = field(default_factory=dict)
    # Who was refused because of us.
    _tried: set[int] = field(default_factory=set)
    _unknown: list[Unknown] = field(default_factory=list)
    # Whoever had to wait for the database since the lease began looks first whether it still holds.
    _looked_at: float = field(init=False)
    _going_on: bool = True
    _exhausted: bool = False
    _chunk: int = field(init=False)
    _answered: int = 0
    _now: datetime = field(default_factory=timezone.now)

    def __post_init__(self) -> None:
        self._looked_at = self.held_until - settings.LEASE_SECONDS
        self._press = Press(self.fleet, self.may_begin, self._answers)
        self._chunk = min(max(int(self.fleet.last_rate * _CHUNK_SECONDS), _FIRST_CHUNK), _LARGEST_CHUNK)

    def run(self) -> End:
        """Send what is due in the batch and record what became of it. What was not begun is put back."""
        began = time.monotonic()
        try:
            while self._going_on and not self._is_done():
                self._step()
        finally:
            self._end()
        self.fleet.last_rate = self._answered / max(time.monotonic() - began, _SLICE_SECONDS)
        if self.held_because:
            return End.HELD
        return End.DONE if self._going_on else End.STOPPED

    def may_begin(self) -> bool:
        """Tell a lane, just before it begins a message, whether it may."""
        return self._going_on and not is_stopping() and lease_clock() < self.held_until

    def _is_done(self) -> bool:
        if self._in_flight or self._press or not self._exhausted:
            return False
        return not self._waiting or self._earliest() > PATIENCE_SECONDS

    def _step(self) -> None:
        self._look()
        if not self._exhausted and len(self._in_flight) + len(self._press) <= self._chunk // 2:
            self._take()
        elif self._waiting and self._earliest() <= 0:
            # Those at whose turn a relay hung up go behind the others, so that they keep nobody waiting.
            again = sorted((item for item, _ in self._waiting), key=lambda item: self._breaks[item.delivery_id])
            self._waiting.clear()
            self._hand_out(again)
        self._press.feed(self._in_flight)
        self._collect(0.05)

    def _earliest(self) -> float:
        return min(ready for _, ready in self._waiting) - time.monotonic()

    def _take(self) -> None:
        had_some = bool(self._in_flight)
        taken, may_be_more = patiently(lambda: self.take_more(self._chunk))
        self._exhausted = not may_be_more
        self._hand_out(taken)
        if had_some:
            # The lanes had half a chunk left: they are quick, and a larger one costs fewer statements.
            self._chunk = min(self._chunk * 2, _LARGEST_CHUNK)

    def _hand_out(self, items: Sequence[Taken]) -> None:
        """Give each message to the relay that may take it now; the others wait."""
        if not items:
            return
        usable = configured_health().usable(configured_relays())
        relays = [relay for relay in usable if relay not in self._refusing]
        if not relays:
            if usable:
                self._waiting += [(item, time.monotonic()) for item in items]
                self._hold(" ".join(self._refusing.values()), _MENDING_SECONDS)
            else:
                self._wait_for_a_relay(items)
            return
        try:
            moulds = patiently(lambda: moulds_for(self.campaign, {item.variant_id for item in items}))
        except MouldError as problem:
            # Nobody's fault among the readers: the campaign waits until the settings, or the workers, are mended.
            self._waiting += [(item, time.monotonic()) for item in items]
            self._hold(str(problem), _MENDING_SECONDS)
            return
        now = time.monotonic()
        permits = patiently(lambda: configured_pace(sent_today).acquire([item.domain for item in items], relays))
        going: dict[Relay, list[Taken]] = defaultdict(list)
        for item, permit in zip(items, permits, strict=True):
            if permit.relay is None:
                self._waiting.append((item, now + permit.wait))
            else:
                going[permit.relay].append(item)
        for relay, its in going.items():
            self._press.add(its, relay, moulds)

    def _wait_for_a_relay(self, items: Sequence[Taken]) -> None:
        down = [state for state in configured_health().states(configured_relays()) if state.next_try is not None]
        now = timezone.now()
        seconds = max(min(((s.next_try - now).total_seconds() for s in down if s.next_try), default=0.0), 0.05)
        self._waiting += [(item, time.monotonic() + seconds) for item in items]
        if seconds > PATIENCE_SECONDS:
            self._hold(" ".join(dict.fromkeys(state.why for state in down)) or "No relay can be used.", seconds)

    def _hold(self, why: str, seconds: float) -> None:
        self.held_because, self.held_seconds = why, seconds
        self._going_on = False

    def _collect(self, seconds: float) -> None:
        """Take the lanes' answers: wait for the first, and take what else is there."""
        self._now = timezone.now()
        try:
            if len(self._in_flight) > _MANY:
                # Waking up for each answer would take the processor from the lanes.
                time.sleep(_SLICE_SECONDS)
            else:
                self._sort(self._answers.get(timeout=seconds))
            while True:
                self._sort(self._answers.get_nowait())
        except Empty:
            return

    def _sort(self, answer: Answer) -> None:
        item = answer.item
        if self._in_flight.pop(item.delivery_id, None) is None:
            return
        if isinstance(answer, Answered):
            self._answered += 1
            self._keep_result(item, answer.relay, answer.reply)
        elif isinstance(answer, Lost):
            self._unknown.append(Unknown(item.delivery_id, item.attempt, answer.why))
        else:
            self._keep_unbegun(item, answer)

    def _keep_result(self, item: Taken, relay: Relay, reply: Reply) -> None:
        outcome = judge(reply, attempts=item.attempt, first_attempt_at=item.first_attempt_at, now=self._now)
        result, doubt = Result(item.delivery_id, item.attempt, outcome, relay.name), self._doubts[relay]
        if reply.is_positive and not doubt:
            doubt.has_accepted = True
            self._results.append(result)
            return
        self._results += doubt.weigh(item, result)
        if outcome.status is Delivery.Status.FAILED and (blame := doubt.blame()):
            self._refusing[relay] = blame
            self._take_back(doubt)
            # Those that lie ready for it are for others, if there are any.
            self._recall()
        if outcome.status is not Delivery.Status.SENT and is_temporary(reply):
            configured_pace(sent_today).throttled(item.domain, relay, reply)

    def _keep_unbegun(self, item: Taken, answer: NotBegun) -> None:
        fault = answer.fault
        configured_pace(sent_today).give_back([Permit(answer.relay)])
        if fault.last_words is not None and is_temporary(fault.last_words):
            configured_pace(sent_today).throttled(item.domain, answer.relay, fault.last_words)
        self._breaks[item.delivery_id] += answer.at_its_turn
        if self._breaks[item.delivery_id] >= _MOST_BREAKS:
            self._keep_result(item, answer.relay, Reply("RCPT", 421, fault.why))
            return
        self._waiting.append((item, time.monotonic() + answer.wait))
        if fault.is_ours:
            self._hold(fault.why, answer.wait or _MENDING_SECONDS)

    def _look(self) -> None:
        """Once a second: commit what is known, and see whether to go on."""
        now = lease_clock()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            self._record()
            self._going_on = patiently(self.lease_holds)
            if self._going_on:
                self.held_until = now + settings.LEASE_SECONDS
        self._going_on = self._going_on and not is_stopping()

    def _record(self) -> None:
        patiently(lambda: record(self._results, self.lease))
        patiently(lambda: record_unknown(self._unknown, self.lease))
        self._results.clear()
        self._unknown.clear()

    def _end(self) -> None:
        """Wait for what is on the wire, record it, and put the rest back."""
        self._going_on = self._going_on and self._is_done()
        self._recall()
        stopping_since = time.monotonic()
        while self._in_flight and not (is_stopping() and time.monotonic() - stopping_since > _STOPPING_SECONDS):
            self._collect(0.1)
            if lease_clock() - self._looked_at >= LOOK_SECONDS:
                self._looked_at = lease_clock()
                self._record()
                patiently(self.lease_holds)
        self._give_up()
        for relay, doubt in self._doubts.items():
            blame = "" if relay in self._refusing else doubt.blame_at_end()
            if blame and not patiently(self._has_reached_somebody):
                self._refusing[relay] = blame
                self._hold(blame, _MENDING_SECONDS)
            if relay in self._refusing:
                self._take_back(doubt)
            else:
                self._results += doubt.settle()
        self._record()
        now = time.monotonic()
        waits = [max(ready - now, 0.0) for _, ready in self._waiting]
        patiently(lambda: self.put_back([item.delivery_id for item, _ in self._waiting], waits, self._tried))

    def _has_reached_somebody(self) -> bool:
        return Delivery.objects.filter(campaign=self.campaign, status=Delivery.Status.SENT).exists()

    def _take_back(self, doubt: Doubt) -> None:
        for item in doubt.take_back():
            self._waiting.append((item, time.monotonic()))
            self._tried.add(item.delivery_id)

    def _recall(self) -> None:
        left = self._press.withdraw()
        # In one question to Redis: a pause has two seconds, and there may be a thousand of them.
        configured_pace(sent_today).give_back([Permit(relay) for _, relay in left])
        self._waiting += [(item, time.monotonic()) for item, _ in left]
        self.fleet.withdraw(self._answers)

    def _give_up(self) -> None:
        """Of what has no answer yet, only what the journal names is on the wire; no lane begins the rest any more."""
        if self._in_flight:
            begun = self.fleet.journal.deliveries()
            why = "The worker was stopped before the relay had answered."
            for item in self._in_flight.values():
                if item.delivery_id in begun:
                    self._unknown.append(Unknown(item.delivery_id, item.attempt, why))
                else:
                    self._waiting.append((item, time.monotonic()))
            self._in_flight.clear()
