"""Who may go now, and over which relay: limits of relays and of recipients' domains, kept by all workers together.

Redis counts, in one round trip for a whole chunk of messages, and in none when nothing limits them. While it is away each process keeps
to its share of each limit. Nothing here raises because of it.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from time import monotonic
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from mailer.sending import counting
from mailer.sending.alone import Alone
from mailer.sending.buckets import UNLIMITED, Choice, Grants, RelayMemory, Request, Terms, choose, terms_of
from mailer.sending.domains import group_of
from mailer.sending.fellows import Fellows, configured_fellows
from mailer.sending.observed import Observed
from mailer.sending.relays import Relay
from mailer.sending.shared import Shared, configured_shared
from mailer.sending.slowing import SlowedDomains, asks_to_slow_down
from mailer.sending.wire import Reply

# In seconds. Longer waits are asked about again: a plan may be changed, a relay added.
LONGEST_WAIT = 900.0
# Nothing is worth asking again sooner.
_SHORTEST_WAIT = 0.001
# When no relay can be used at all; `health.py` knows more.
_NO_RELAY_WAIT = 1.0
_HOUR = 3600.0
# How long after it was away Redis is told and not yet relied upon: long enough for every process that sends to come back.
_SETTLING = 1.0


class Permit(NamedTuple):
    """Go now over `relay`; or, when it is None, ask again in `wait` seconds."""

    relay: Relay | None
    wait: float = 0.0


class DomainRate(NamedTuple):
    """What a domain may get, in messages a second: by the settings, and by now because it asked us to slow down."""

    domain: str
    limit: float | None
    slowed_to: float | None


class RelayUsage(NamedTuple):
    """What a relay took in the last hour, and today by its warm-up plan; None where it isn't counted, or Redis is away."""

    relay: str
    hour: int | None
    per_hour: int | None
    day: int | None
    allowance: int | None


class Pace:
    """The pace as one process keeps it, for all of its threads.

    `limits` are the domains', in messages a second. `sent_today` tells how many messages a relay (by name) took today, when Redis doesn't
    know.
    """

    def __init__(
        self,
        shared: Shared,
        fellows: Fellows,
        limits: Mapping[str, float],
        sent_today: Callable[[str], int] | None = None,
    ) -> None:
        self._shared = shared
        self._limits: dict[str, float] = {}
        for domain, rate in limits.items():
            group = group_of(domain)
            self._limits[group] = min(rate, self._limits.get(group, rate))
        self._sent_today = sent_today
        self._slowed = SlowedDomains(shared)
        self._observed = Observed()
        self._fellows = fellows
        self._alone = Alone(fellows)
        self._lock = threading.Lock()
        self._memories: dict[str, RelayMemory] = {}
        self._zone = ZoneInfo(settings.TIME_ZONE)
        self._settled_at = 0.0

    def acquire(self, domains: Sequence[str], relays: Sequence[Relay]) -> list[Permit]:
        """Return a permit for each message, in order, by its recipient's domain. Only those that may go are counted.

        `relays` are those that can be used now (`health.usable`); the choice among them goes by their weights.
        """
        if not relays:
            return [Permit(None, _NO_RELAY_WAIT)] * len(domains)
        self._fellows.heartbeat()
        limits = self._all_limits()
        groups = [group_of(domain) for domain in domains] if limits else []
        limited = [group for group in dict.fromkeys(groups) if group in limits]
        today = self._today()
        terms = [terms_of(relay, today) for relay in relays]
        if not limited and all(each.is_unlimited for each in terms):
            permits = self._unlimited(len(domains), relays)
        else:
            numbers = {group: number for number, group in enumerate(limited, start=1)}
            indices = [numbers.get(group, 0) for group in groups] if limited else [0] * len(domains)
            permits = self._limited(indices, {group: limits[group] for group in limited}, relays, terms, today)
        self._observed.add(_gone(domains, permits))
        return permits

    def throttled(self, domain: str, relay: Relay, reply: Reply) -> bool:
        """Slow the domain down, for all processes, if a reply asks for it; to be called for every temporary refusal.

        Returns whether it did ask.
        """
        if not asks_to_slow_down(reply):
            return False
        group = group_of(domain)
        observed = self._observed.rate(group) * self._fellows.count
        self._slowed.slow_down(group, observed=observed, limit=self._limits.get(group))
        return True

    def give_back(self, permits: Sequence[Permit]) -> None:
        """Uncount messages that might have gone and were not handed over, for the hour and for the day's plan of their relays."""
        unused = Counter(permit.relay for permit in permits if permit.relay is not None)
        counted = {relay: count for relay, count in unused.items() if relay.per_hour or relay.warm_up}
        if counted and not counting.give_back(self._shared, counted, self._today()):
            minute = self._shared.now() // 60_000
            with self._lock:
                for relay, count in counted.items():
                    self._memory(relay).count_alone(minute, -count)

    def domain_rates(self) -> list[DomainRate]:
        """Return the domains that have a limit or were slowed down."""
        slowed = self._slowed.rates()
        names = sorted({*self._limits, *slowed})
        return [DomainRate(name, self._limits.get(name), slowed.get(name)) for name in names]

    def relay_usage(self, relays: Sequence[Relay]) -> list[RelayUsage]:
        """Return what each relay took, as far as it is counted; asks Redis each time."""
        today = self._today()
        counts = counting.usage(self._shared, relays, today)
        found = []
        for at, relay in enumerate(relays):
            allowed = terms_of(relay, today).allowance
            hour, day = counts[at] if counts is not None else (None, None)
            found.append(
                RelayUsage(
                    relay.name,
                    hour if relay.per_hour else None,
                    relay.per_hour,
                    day if allowed is not None else None,
                    allowed,
                )
            )
        return found

    def _all_limits(self) -> Mapping[str, float]:
        slowed = self._slowed.rates()
        if not slowed:
            return self._limits
        return self._limits | {domain: min(rate, self._limits.get(domain, rate)) for domain, rate in slowed.items()}

    def _today(self) -> date:
        return datetime.fromtimestamp(self._shared.now() / 1000, self._zone).date()

    def _unlimited(self, count: int, relays: Sequence[Relay]) -> list[Permit]:
        if len(relays) == 1:
            return [Permit(relays[0])] * count
        permits = [Permit(None), *(Permit(relay) for relay in relays)]
        with self._lock:
            memories = [self._memory(relay) for relay in relays]
            choices = [Choice(r.weight, m.current, UNLIMITED) for r, m in zip(relays, memories, strict=True)]
            chosen = [permits[choose(choices)] for _ in range(count)]
            for memory, choice in zip(memories, choices, strict=True):
                memory.current = choice.current
        return chosen

    def _limited(
        self,
        indices: Sequence[int],
        rates: Mapping[str, float],
        relays: Sequence[Relay],
        terms: Sequence[Terms],
        today: date,
    ) -> list[Permit]:
        begins, ends = (datetime.combine(day, time(), self._zone).timestamp() for day in (today, today + _DAY))
        request = Request(
            indices,
            list(rates),
            list(rates.values()),
            relays,
            terms,
            [self._seeded(relay, each, today) for relay, each in zip(relays, terms, strict=True)],
            today,
            midnight=int(begins) // 60,
            seconds_left=max(ends - self._shared.now() / 1000, 0.0),
        )
        return _permits(request, self._granted(request))

    def _granted(self, request: Request) -> Grants:
        """Ask Redis; while it is away, and for a moment afterwards, let go only our share.

        In that moment all processes tell Redis what they let go without it: whoever came back first would else spend what is theirs.
        """
        is_settling = monotonic() < self._settled_at
        grants = counting.acquire(self._shared, replace(request, indices=()) if is_settling else request, self._lock)
        with self._lock:
            if grants is None:
                self._settled_at = monotonic() + _SETTLING
            if grants is None or is_settling:
                return self._alone.acquire(request, self._shared.now() * 1000)
            self._alone.forget()
            return grants

    def _memory(self, relay: Relay) -> RelayMemory:
        return self._memories.setdefault(relay.name, RelayMemory())

    def _seeded(self, relay: Relay, terms: Terms, today: date) -> RelayMemory:
        """Return the memory of a relay, which on a new day of a plan begins with what our own tables say."""
        memory = self._memory(relay)
        if terms.allowance is not None and memory.on != today:
            sent = self._sent_today(relay.name) if self._sent_today else 0
            with self._lock:
                memory.day, memory.on = sent, today
        return memory


_DAY = timedelta(days=1)


def _gone(domains: Sequence[str], permits: Sequence[Permit]) -> Sequence[str]:
    waiting = any(permit.relay is None for permit in permits)
    return [d for d, p in zip(domains, permits, strict=True) if p.relay is not None] if waiting else domains


def _permits(request: Request, grants: Grants) -> list[Permit]:
    """Turn numbers into permits. Those that wait for the same thing are spread out, as far apart as it lets them go."""
    goes = [Permit(None), *(Permit(relay) for relay in request.relays)]
    spread = _spread(request.relays, grants.relay_wait)
    turns = Counter[int]()
    permits = []
    for index, number in zip(request.indices, grants.chosen, strict=True):
        if number:
            permits.append(goes[number])
            continue
        for_domain = index and grants.domain_waits[index - 1]
        wait = (
            for_domain + turns[index] / request.rates[index - 1]
            if for_domain
            else grants.relay_wait + turns[0] * spread
        )
        turns[index if for_domain else 0] += 1
        permits.append(Permit(None, min(max(wait, _SHORTEST_WAIT), LONGEST_WAIT)))
    return permits


def _spread(relays: Sequence[Relay], wait: float) -> float:
    """Return the seconds from one message to the next when all relays are full: a long wait is one for the hour, not for the second."""
    rates = (relay.per_hour / _HOUR if relay.per_hour and wait > 1 else relay.per_second for relay in relays)
    return 1 / (sum(rate for rate in rates if rate) or _HOUR)


@lru_cache(maxsize=4)
def configured_pace(sent_today: Callable[[str], int] | None = None) -> Pace:
    """Return this process's pace by the settings. Give the same `sent_today` (see `Pace`) each time."""
    return Pace(configured_shared(), configured_fellows(), settings.DOMAIN_LIMITS, sent_today)


os.register_at_fork(after_in_child=configured_pace.cache_clear)
