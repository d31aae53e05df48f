"""Which relays can be used: one that failed is left alone for a while, then one worker tries it, and all know what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

from mailer.sending.relays import Relay
from mailer.sending.shared import Shared, SharedTable, configured_shared

# In milliseconds: 1 s, 2 s, 4 s ... 60 s.
_FIRST_PAUSE = 1_000
_LONGEST_PAUSE = 60_000
# Whoever tries a relay again and is not heard of after so long has died; the next one tries.
_TRIAL = 30_000
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class RelayState:
    """Whether a relay can be used, as far as anybody knows. `since` and `next_try` are set while it is down."""

    name: str
    is_up: bool
    why: str = ""
    since: datetime | None = None
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Down:
    """A relay that failed. Moments are milliseconds of Redis' clock; `trial` is until when one worker is trying it, or 0."""

    why: str
    since: int
    failures: int
    next_try: int
    trial: int = 0

    def is_open_to(self, now: int) -> bool:
        """Whether a worker may try it now."""
        return now >= self.next_try and now >= self.trial

    def failed_again(self, why: str, now: int) -> Down:
        """Return what one more failure makes of it. Those that come before the next try are of the same failure, seen by several."""
        if now < self.next_try:
            return replace(self, why=why)
        pause = min(_FIRST_PAUSE << min(self.failures, 16), _LONGEST_PAUSE)
        return replace(self, why=why, failures=self.failures + 1, next_try=now + pause, trial=0)

    def text(self) -> str:
        """Write it down for `read`."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Down | None:
        """Return what `text` wrote; None for anything else."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None


class Health:
    """The health of all relays as all processes know it."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._table = SharedTable(shared, "relays-down", keep=600)

    def report_down(self, relay: Relay, why: str) -> None:
        """Tell that a relay could not be used; `why` is a sentence for people."""

        def failed(text: str) -> str:
            now, reason = self._shared.now(), why[:_LONGEST_REASON]
            before = Down.read(text)
            return (before.failed_again(reason, now) if before else Down(reason, now, 1, now + _FIRST_PAUSE)).text()

        self._table.change(relay.name, failed)

    def report_up(self, relay: Relay) -> None:
        """Tell that a relay could be used. Costs nothing while nobody said otherwise."""
        if relay.name in self._table.read():
            self._table.change(relay.name, lambda _: "")

    def usable(self, relays: Sequence[Relay]) -> list[Relay]:
        """Return those relays that may be used. Asks Redis at most once a second, unless one of them is to be tried again.

        A relay that was down is given to one worker at a time, which must report what came of it.
        """
        table = self._table.read()
        return [relay for relay in relays if relay.name not in table or self._may_try(relay, table[relay.name])]

    def states(self, relays: Sequence[Relay]) -> list[RelayState]:
        """Return the state of each relay, for display."""
        table = self._table.read()
        return [_state(relay, Down.read(table.get(relay.name, ""))) for relay in relays]

    def _may_try(self, relay: Relay, text: str) -> bool:
        known = Down.read(text)
        if known is not None and not known.is_open_to(self._shared.now()):
            return False
        is_ours = False

        def claimed(text: str) -> str:
            nonlocal is_ours
            now, down = self._shared.now(), Down.read(text)
            is_ours = down is None or down.is_open_to(now)
            return replace(down, trial=now + _TRIAL).text() if down and is_ours else text if down else ""

        return self._table.change(relay.name, claimed) and is_ours


def _state(relay: Relay, down: Down | None) -> RelayState:
    if down is None:
        return RelayState(relay.name, is_up=True)
    since, next_try = (datetime.fromtimestamp(at / 1000, UTC) for at in (down.since, max(down.next_try, down.trial)))
    return RelayState(relay.name, is_up=False, why=down.why, since=since, next_try=next_try)


@lru_cache(maxsize=1)
def configured_health() -> Health:
    """Return this process's view of the relays, by the Redis of the settings."""
    return Health(configured_shared())


os.register_at_fork(after_in_child=configured_health.cache_clear)
