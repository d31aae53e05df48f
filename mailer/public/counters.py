"""The counters of `subscribers.limits` in Redis, so that all processes of the service count together."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Sequence
from functools import cached_property

import redis
from django.conf import settings
from redis.commands.core import Script

from subscribers.limits import Count, MemoryCounters

logger = logging.getLogger(__name__)

# In seconds: a page must not wait for a Redis that is away, and asks again only after a while.
_TIMEOUT = 0.25
_AWAY = 5.0

# One step, so that a thousand requests at once can't all see the last free place. What was let through is kept as moments.
# ARGV: now, a mark, then for each key how many limits it has and each limit's most and milliseconds, the longest last.
_LET_THROUGH = """
local now, at = tonumber(ARGV[1]), 3
for place, key in ipairs(KEYS) do
    local last = at + 2 * tonumber(ARGV[at])
    local longest = tonumber(ARGV[last])
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - longest)
    for i = at + 1, last, 2 do
        if redis.call('ZCOUNT', key, '(' .. (now - tonumber(ARGV[i + 1])), '+inf') >= tonumber(ARGV[i]) then return place - 1 end
    end
    redis.call('ZADD', key, now, ARGV[2])
    redis.call('PEXPIRE', key, longest)
    at = last + 1
end
return #KEYS
"""


class RedisCounters:
    """Counts in Redis, and in this process while Redis can't be reached: a limit then holds for each process alone."""

    def __init__(self) -> None:
        self._memory = MemoryCounters()
        self._away_until = 0.0

    @cached_property
    def _script(self) -> Script:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, protocol=2
        )
        return client.register_script(_LET_THROUGH)

    def let_through(self, counts: Sequence[Count]) -> int:
        """See `subscribers.limits.Counters`."""
        if time.monotonic() >= self._away_until:
            try:
                return self._ask(counts)
            except redis.RedisError as problem:
                self._away_until = time.monotonic() + _AWAY
                logger.warning("Redis can't be reached, and each process counts for itself: %s", problem)
        return self._memory.let_through(counts)

    def _ask(self, counts: Sequence[Count]) -> int:
        # In whole milliseconds: Lua writes no more than 14 digits of a number.
        numbers: list[int | str] = [int(time.time() * 1000), secrets.token_hex(6)]
        for count in counts:
            numbers.append(len(count.limits))
            for limit in sorted(count.limits, key=lambda limit: limit.seconds):
                numbers += limit.most, limit.seconds * 1000
        return int(self._script(keys=[f"ukebrev:limit:{count.key}" for count in counts], args=numbers))
