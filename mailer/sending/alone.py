"""The pace of one process while Redis is away: its share of each limit, so that all of them together stay within the whole."""

from __future__ import annotations

from mailer.sending.buckets import (
    UNLIMITED,
    WINDOW,
    Bucket,
    Choice,
    Grants,
    RelayMemory,
    Request,
    bucket,
    choose,
    terms_of,
)
from mailer.sending.fellows import Fellows

_MINUTE = 60.0


class Alone:
    """The buckets of this process. The caller keeps other threads away."""

    def __init__(self, fellows: Fellows) -> None:
        self._fellows = fellows
        self._full_at: dict[str, int] = {}

    def forget(self) -> None:
        """Begin anew when Redis goes away the next time."""
        if self._full_at:
            self._full_at = {}

    def acquire(self, request: Request, now: int) -> Grants:
        """Let messages go or wait. `now` is in microseconds since 1970."""
        parts, minute = self._fellows.count, now // 60_000_000
        buckets = [bucket(rate, parts) for rate in request.rates]
        before = [
            self._start(f"domain:{name}", limit, now) for name, limit in zip(request.domains, buckets, strict=True)
        ]
        free = [UNLIMITED, *(limit.free(full_at, now) for limit, full_at in zip(buckets, before, strict=True))]
        left = list(free)
        choices = [
            Choice(relay.weight, memory.current, self._free(request, at, now, minute))
            for at, (relay, memory) in enumerate(zip(request.relays, request.memories, strict=True))
        ]
        chosen = []
        for index in request.indices:
            number = choose(choices) if left[index] > 0 else 0
            left[index] -= 1 if number else 0
            chosen.append(number)
        domain_waits = [
            self._take(f"domain:{name}", limit, free[at] - left[at], now)
            for at, (name, limit) in enumerate(zip(request.domains, buckets, strict=True), start=1)
        ]
        return Grants(chosen, domain_waits, self._count(request, choices, now, minute))

    def _start(self, key: str, limit: Bucket, now: int) -> int:
        # With nothing saved up, and one process behind the other: else all of them would begin with a message at the same moment.
        behind = self._fellows.place * limit.interval // self._fellows.count
        return self._full_at.setdefault(key, now + limit.tolerance + behind)

    def _take(self, key: str, limit: Bucket, used: int, now: int) -> float:
        if used:
            self._full_at[key] = max(self._full_at[key], now) + used * limit.interval
        return limit.wait(self._full_at[key], now)

    def _free(self, request: Request, at: int, now: int, minute: int) -> int:
        relay, memory = request.relays[at], request.memories[at]
        terms = terms_of(relay, request.today, self._fellows.count)
        free = terms.second.free(self._start(f"relay:{relay.name}", terms.second, now), now)
        if terms.per_hour is not None:
            free = min(free, self._part(terms.per_hour - memory.hour_at(minute), memory, minute - WINDOW + 1))
        if terms.allowance is not None:
            free = min(free, self._part(terms.allowance - memory.day, memory, request.midnight))
        return free

    def _part(self, left: int, memory: RelayMemory, since: int) -> int:
        return self._fellows.share(max(left, 0)) - memory.alone_since(since)

    def _count(self, request: Request, choices: list[Choice], now: int, minute: int) -> float:
        """Remember what went over each relay; return how long to wait for the first that takes more."""
        waits = []
        for at, (relay, memory, choice) in enumerate(zip(request.relays, request.memories, choices, strict=True)):
            terms = terms_of(relay, request.today, self._fellows.count)
            memory.current = choice.current
            if choice.used:
                memory.count_alone(minute, choice.used)
            wait = self._take(f"relay:{relay.name}", terms.second, choice.used, now)
            spent = self._free(request, at, now, minute) <= 0 and wait == 0
            waits.append(min(_MINUTE, request.seconds_left) if spent else wait)
        return min(waits)
