"""Limits as buckets of tokens, the choice among relays, and what a chunk of messages asks for and gets. No Redis here.

A bucket is the moment at which it will be full again (the generic cell rate algorithm, ITU-T I.371): one number, in whole microseconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from mailer.sending.relays import Relay
from mailer.sending.warm_up import allowance

UNLIMITED = 1 << 40
# An hour in minutes, and the one that has begun: so no hour, wherever it begins, holds more than the limit.
WINDOW = 61
_DAY = 24 * 60
_SECOND = 1_000_000
# At most a tenth of a second's worth goes at once.
_BURST_SECONDS = 0.1
_TWO_A_SECOND = 2.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """A limit: microseconds from one message to the next, and how many of them may have been saved up. Zero is no limit."""

    interval: int
    tolerance: int

    def free(self, full_at: int, now: int) -> int:
        """Return how many messages may go now, out of a bucket that is full again at `full_at` (microseconds)."""
        return max((now + self.tolerance - max(full_at, now)) // self.interval, 0) if self.interval else UNLIMITED

    def wait(self, full_at: int, now: int) -> float:
        """Return in how many seconds the next message may go."""
        return max(max(full_at, now) + self.interval - self.tolerance - now, 0) / _SECOND


NO_LIMIT = Bucket(0, 0)


@lru_cache(maxsize=1024)
def bucket(rate: float | None, parts: int = 1) -> Bucket:
    """Return the bucket of so many messages a second, or of one of its equal parts."""
    if rate is None:
        return NO_LIMIT
    at_once = 1 if rate < _TWO_A_SECOND else max(2, math.ceil(rate * _BURST_SECONDS))
    interval = math.ceil(_SECOND * parts / rate)
    return Bucket(interval, interval * max(at_once // parts, 1))


@dataclass(frozen=True, slots=True)
class Terms:
    """What limits a relay today. None is no limit."""

    second: Bucket
    per_hour: int | None
    allowance: int | None

    @property
    def is_unlimited(self) -> bool:
        """Whether nothing does."""
        return not self.second.interval and self.per_hour is None and self.allowance is None


@lru_cache(maxsize=256)
def terms_of(relay: Relay, day: date, parts: int = 1) -> Terms:
    """Return a relay's limits on this day, the rate a second divided by `parts`."""
    return Terms(bucket(relay.per_second, parts), relay.per_hour, allowance(relay, day))


@dataclass(slots=True)
class RelayMemory:
    """What this process knows of one relay: enough to go on without Redis, and to tell Redis when it has forgotten.

    `current` is the weight that the relay has saved up (smooth weighted round robin). `hour` is how many messages went in the hour
    before the minute `minute`, `day` how many on the day `on`, both as Redis told last. `alone` counts what this process let go
    while Redis was away, by minute.
    """

    current: int = 0
    hour: int = 0
    minute: int = 0
    day: int = 0
    on: date | None = None
    alone: dict[int, int] = field(default_factory=dict)

    def take_alone(self) -> dict[int, int]:
        """Return what was counted alone, to be told to Redis, and begin anew."""
        taken, self.alone = self.alone, {}
        return taken

    def put_back_alone(self, counts: dict[int, int]) -> None:
        """Keep counts that could not be told."""
        for minute, count in counts.items():
            self.count_alone(minute, count)

    def count_alone(self, minute: int, count: int) -> None:
        """Count messages that this process let go by itself; what is older than a day is forgotten."""
        self.alone[minute] = self.alone.get(minute, 0) + count
        while len(self.alone) > _DAY:
            del self.alone[min(self.alone)]

    def alone_since(self, minute: int) -> int:
        """Return how many messages this process let go by itself from this minute on."""
        return sum(count for when, count in self.alone.items() if when >= minute)

    def hour_at(self, minute: int) -> int:
        """Return how many messages of the last hour Redis told of."""
        return self.hour if self.minute > minute - WINDOW else 0


@dataclass(frozen=True, slots=True)
class Request:
    """A chunk of messages that wants to go.

    `indices` has for each message the number of its domain among `domains`, counted from 1, or 0 where the domain has no limit;
    `rates` are those of the domains, in messages a second. `midnight` is the minute (since 1970) at which `today` began, and
    `seconds_left` is how long it lasts.
    """

    indices: Sequence[int]
    domains: Sequence[str]
    rates: Sequence[float]
    relays: Sequence[Relay]
    terms: Sequence[Terms]
    memories: Sequence[RelayMemory]
    today: date
    midnight: int
    seconds_left: float


class Grants(NamedTuple):
    """For each message the number of its relay, counted from 1, or 0 to wait; how long for each domain, and for any relay, in seconds."""

    chosen: Sequence[int]
    domain_waits: Sequence[float]
    relay_wait: float


@dataclass(slots=True)
class Choice:
    """A relay as the choice among several sees it: its weight, what it has saved up, and how many messages it may still take."""

    weight: int
    current: int
    free: int
    used: int = 0


def choose(choices: Sequence[Choice]) -> int:
    """Return the number of the relay that takes the next message, counted from 1, or 0 when none may.

    Smooth weighted round robin, as nginx has it (ngx_http_upstream_round_robin.c): among weights 5, 1, 1 the turns are a a b a c a a.
    """
    best, total = None, 0
    number = 0
    for which, choice in enumerate(choices, start=1):
        if choice.free > 0:
            choice.current += choice.weight
            total += choice.weight
            if best is None or choice.current > best.current:
                best, number = choice, which
    if best is not None:
        best.current -= total
        best.free -= 1
        best.used += 1
    return number
