"""How often anybody may make us send mail: to an address, from a network, and in all.

What is counted where is somebody else's business (`use`): a service has one count for all its processes, and without one each process
counts for itself, so that a limit holds for each of them alone.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from subscribers.suppression import address_hash

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
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


class Counters(Protocol):
    """Counts what was let through, by key."""

    def allow(self, key: str, limits: Sequence[Limit]) -> bool:
        """Tell whether one more is within all the limits, and count it if it is."""
        ...


class MemoryCounters:
    """Counts in this process. Forgets all when there are too many keys: then somebody floods us, and `TOTAL` is what holds."""

    def __init__(self) -> None:
        self._seen: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def allow(self, key: str, limits: Sequence[Limit]) -> bool:
        """See `Counters`."""
        now = time.time()
        longest = max(limit.seconds for limit in limits)
        with self._lock:
            if len(self._seen) > _MOST_KEYS:
                self._seen = {name: times for name, times in self._seen.items() if name == "total"}
            times = [moment for moment in self._seen.get(key, []) if moment > now - longest]
            let_through = all(sum(t > now - limit.seconds for t in times) < limit.most for limit in limits)
            self._seen[key] = [*times, now] if let_through else times
        return let_through


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
    by_network = _limits("SIGNUPS_PER_NETWORK", ((20, 10 * _MINUTE), (100, _DAY)))
    if network and not _Chosen.counters.allow(f"network:{network}", by_network):
        raise TooManyError(retry_after=by_network[0].seconds)
    total = _limits("SIGNUPS_IN_ALL", ((2000, _HOUR),))
    if not _Chosen.counters.allow("total", total):
        raise TooManyError(retry_after=total[0].seconds)


def may_mail(address_key: str, *, about: str = "address") -> bool:
    """Tell whether one more mail that anybody can ask for may go to an address: one an hour, three a day. Counts it if so.

    Each kind of request (`about`) has a count of its own: one that nobody is written to for must not be in the way of another.
    """
    key = address_hash(address_key).hex()
    return _Chosen.counters.allow(f"{about}:{key}", _limits("MAILS_PER_ADDRESS", ((1, _HOUR), (3, _DAY))))


def _limits(name: str, default: tuple[tuple[int, int], ...]) -> tuple[Limit, ...]:
    return tuple(Limit(most, seconds) for most, seconds in getattr(settings, name, default))
