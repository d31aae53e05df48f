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

from subscribers.limits import Limit, MemoryCounters

logger = logging.getLogger(__name__)

# In seconds: a page must not wait for a Redis that is away, and asks again only after a while.
_TIMEOUT = 0.25
_AWAY = 5.0

# One step, so that a thousand requests at once can't all see the last free place. What was let through is kept as moments.
_ALLOW = """
local now, longest = tonumber(ARGV[1]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - longest)
for i = 4, #ARGV, 2 do
    if redis.call('ZCOUNT', KEYS[1], '(' .. (now - tonumber(ARGV[i + 1])), '+inf') >= tonumber(ARGV[i]) then return 0 end
end
redis.call('ZADD', KEYS[1], now, ARGV[2])
redis.call('PEXPIRE', KEYS[1], longest)
return 1
"""


class RedisCounters:
    """Counts in Redis, and in this process while Redis can't be reached: a limit then holds for each process alone."""

    def __init__(self) -> None:
        self._memory = MemoryCounters()
        self._away_until = 0.0

    @cached_property
    def _allow(self) -> Script:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, protocol=2
        )
        return client.register_script(_ALLOW)

    def allow(self, key: str, limits: Sequence[Limit]) -> bool:
        """See `subscribers.limits.Counters`."""
        if time.monotonic() >= self._away_until:
            try:
                return self._ask(key, limits)
            except redis.RedisError as problem:
                self._away_until = time.monotonic() + _AWAY
                logger.warning("Redis can't be reached, and each process counts for itself: %s", problem)
        return self._memory.allow(key, limits)

    def _ask(self, key: str, limits: Sequence[Limit]) -> bool:
        # In whole milliseconds: Lua writes no more than 14 digits of a number.
        numbers = [number for limit in limits for number in (limit.most, limit.seconds * 1000)]
        now, longest = int(time.time() * 1000), max(limit.seconds for limit in limits) * 1000
        mark = secrets.token_hex(6)
        return bool(self._allow(keys=[f"ukebrev:limit:{key}"], args=[now, mark, longest, *numbers]))
