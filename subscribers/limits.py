"""How often anybody may make us send mail: to an address, from a network, and in all.

What is counted where is somebody else's business (`use`): a service has one count for all its processes, and without one each process
counts for itself, so that a limit holds for each of them alone.
"""

from __future__ import annotations

import ipaddress
import itertools
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from subscribers.suppression import address_hash

_MOST_KEYS = 50_000


class TooManyError(Exception):
    """More was asked for than is reasonable. `retry_after` is in seconds."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__("Too many requests.")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within any so many seconds: a sliding window, so that none can be had twice at its edge."""

    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Count:
    """One thing that is counted, by its key, and how often it may be."""

    key: str
    limits: tuple[Limit, ...]


class Counters(Protocol):
    """Counts what was let through, by key."""

    def let_through(self, counts: Sequence[Count]) -> int:
        """Count one more in each, in this order, until one is full. Return how many had room: all of them, if none was full."""
        ...


class MemoryCounters:
    """Counts in this process. Forgets all when there are too many keys: then somebody floods us, and `TOTAL` is what holds."""

    def __init__(self) -> None:
        self._seen: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def let_through(self, counts: Sequence[Count]) -> int:
        """See `Counters`."""
        with self._lock:
            if len(self._seen) > _MOST_KEYS:
                self._seen = {name: times for name, times in self._seen.items() if name == "total"}
            return sum(1 for _ in itertools.takewhile(self._has_room, counts))

    def _has_room(self, count: Count) -> bool:
        now = time.time()
        longest = max(limit.seconds for limit in count.limits)
        times = [moment for moment in self._seen.get(count.key, []) if moment > now - longest]
        has_room = all(sum(t > now - limit.seconds for t in times) < limit.most for limit in count.limits)
        self._seen[count.key] = [*times, now] if has_room else times
        return has_room


class _Chosen:
    counters: Counters = MemoryCounters()


def use(counters: Counters) -> None:
    """Count with these from now on."""
    _Chosen.counters = counters


def network_of(address: str) -> str:
    """Return the network that an IP address is in, which is all that is ever kept of it: 192.0.2.0/24, 2001:db8::/48.

    Nothing for what is no address.
    """
    try:
        found = ipaddress.ip_address(address.strip().strip("[]").partition("%")[0])
    except ValueError:
        return ""
    if found.version == 6 and (mapped := found.ipv4_mapped):  # noqa: PLR2004  # the version's own number
        found = mapped
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))  # noqa: PLR2004  # the same


def admit(network: str) -> None:
    """Let one more request that makes us send mail through. Raises TooManyError."""
    _let_through(_by_request(network))


def may_mail(address_key: str, *, about: str = "address") -> bool:
    """Tell whether one more mail that anybody can ask for may go to an address (the setting MAILS_PER_ADDRESS). Counts it if so.

    Each kind of request (`about`) has a count of its own: one that nobody is written to for must not be in the way of another.
    """
    return _Chosen.counters.let_through([_by_address(address_key, about)]) == 1


def admit_mail(network: str, address_key: str, *, about: str = "address") -> bool:
    """Do what `admit` and then `may_mail` do, with one question to whoever counts. Raises TooManyError."""
    return _let_through(_by_request(network), _by_address(address_key, about))


def _let_through(by_request: Sequence[Count], *more: Count) -> bool:
    let_through = _Chosen.counters.let_through([*by_request, *more])
    if let_through < len(by_request):
        raise TooManyError(retry_after=by_request[let_through].limits[0].seconds)
    return let_through == len(by_request) + len(more)


def _by_request(network: str) -> list[Count]:
    in_all = Count("total", _limits(settings.SIGNUPS_IN_ALL))
    return [Count(f"network:{network}", _limits(settings.SIGNUPS_PER_NETWORK)), in_all] if network else [in_all]


def _by_address(address_key: str, about: str) -> Count:
    return Count(f"{about}:{address_hash(address_key).hex()}", _limits(settings.MAILS_PER_ADDRESS))


def _limits(pairs: Iterable[tuple[int, int]]) -> tuple[Limit, ...]:
    return tuple(Limit(most, seconds) for most, seconds in pairs)
