"""How many worker processes there are on all machines, and this one's place among them, so that each can take its share of a limit."""

from __future__ import annotations

import os
import threading
import time
from functools import lru_cache

from django.conf import settings

from mailer.sending.shared import Shared, configured_shared

# In milliseconds: a process that has not been heard of for so long is not there.
_ALIVE = 15_000
_EVERY = 1.0
_HEARTBEAT = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local place = 0
local all = redis.call('ZRANGE', KEYS[1], 0, -1)
for _, name in ipairs(all) do if name < ARGV[1] then place = place + 1 end end
return {#all, place}
"""


class Fellows:
    """The processes that send, as one of them sees them."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._lock = threading.Lock()
        self._next = float("-inf")
        # Until Redis has told: as if this machine were the only one, with all its processes.
        self._count = settings.CELERY_WORKER_CONCURRENCY or os.cpu_count() or 1
        self._place = 0
        # When there were last so many.
        self._seen_at = float("-inf")

    def heartbeat(self) -> None:
        """Tell that we are alive, and count the others; at most once a second."""
        now = time.monotonic()
        with self._lock:
            if now < self._next:
                return
            self._next = now + _EVERY
        answer = self._shared.run(_HEARTBEAT, ["processes"], [self._shared.identity, _ALIVE])
        if answer is not None:
            self._heard(int(answer[0]), int(answer[1]), now)

    def _heard(self, count: int, place: int, now: float) -> None:
        # A Redis that was emptied has to hear from all before it knows them again; who is not heard of for so long is gone.
        if count >= self._count or now - self._seen_at > _ALIVE / 1000:
            self._count, self._place, self._seen_at = count, place, now

    @property
    def count(self) -> int:
        """How many processes were alive when Redis was last heard, this one with them."""
        return max(self._count, 1)

    @property
    def place(self) -> int:
        """The place of this one among them, counted from 0."""
        return self._place

    def share(self, whole: int) -> int:
        """Return this process's part of a number of things; the parts of all processes make the whole."""
        return whole // self.count + (1 if self._place < whole % self.count else 0)


@lru_cache(maxsize=1)
def configured_fellows() -> Fellows:
    """Return this process among all that use the Redis of the settings."""
    return Fellows(configured_shared())


os.register_at_fork(after_in_child=configured_fellows.cache_clear)
