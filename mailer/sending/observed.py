"""How fast each domain was served in the last seconds: where a slow-down starts from."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable

from mailer.sending.domains import group_of

_SECONDS = 10.0


class Observed:
    """Counts by domain over the last ten to twenty seconds, of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._before: Counter[str] = Counter()
        self._now: Counter[str] = Counter()
        self._since = self._turned = time.monotonic()

    def add(self, domains: Iterable[str]) -> None:
        """Count messages that go now."""
        with self._lock:
            self._turn()
            self._now.update(domains)

    def rate(self, group: str) -> float:
        """Return how many messages a second went to the domains of a group."""
        with self._lock:
            self._turn()
            counts = (
                count
                for counter in (self._before, self._now)
                for name, count in counter.items()
                if group_of(name) == group
            )
            return sum(counts) / max(time.monotonic() - self._since, 1.0)

    def _turn(self) -> None:
        now = time.monotonic()
        if now - self._turned >= _SECONDS:
            is_fresh = now - self._turned < 2 * _SECONDS
            self._before, self._now = (self._now if is_fresh else Counter()), Counter()
            self._since, self._turned = (self._turned if is_fresh else now), now
