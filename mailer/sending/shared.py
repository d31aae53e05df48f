"""What all workers of all machines know together: small tables and counts in a Redis that may be gone at any moment.

Nothing here raises when it is: the answer is None, and each process goes on with what it knew last. Time is the server's own (Redis TIME),
so that clocks of machines don't matter.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

PREFIX = "ukebrev:"

_log = logging.getLogger(__name__)
# In seconds. A server that doesn't answer in this time is away. Whoever sends waits for it, and a pause has two seconds in all.
_PATIENCE = 0.4
# It is left alone for some times as long as its failure took, or each chunk of messages would wait for it; and at least for so long.
_SHORTEST_SILENCE, _SILENCES = 0.2, 4

# Replaces one field of a hash, if it is still what we think it is; an empty text stands for "not there".
_REPLACE = """
local now = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if now ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
return 1
"""
_READ = "local t = redis.call('TIME') return {t[1], t[2], redis.call('HGETALL', KEYS[1])}"
_TRIES = 5


class Shared:
    """The connection to Redis of one process, safe for its threads."""

    def __init__(self, url: str) -> None:
        self._client: redis.Redis = redis.Redis.from_url(
            url,
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
            # Once more at once: a server that was restarted has closed the connections that we keep. One that hangs would hang again.
            retry=Retry(NoBackoff(), 1, (redis.ConnectionError,)),
        )
        self._scripts: dict[str, Script] = {}
        self._silent_until = 0.0
        self._was_away = False
        # What to add to the monotonic clock to get the server's time, in milliseconds.
        self._offset = (time.time() - time.monotonic()) * 1000
        self.identity = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    def run(self, script: str, keys: Sequence[str] = (), arguments: Sequence[str | bytes | float] = ()) -> Any:
        """Run a Lua script, known to the server by its SHA after the first time, and return its answer; None if Redis is away."""
        if self.is_away:
            return None
        known = self._scripts.get(script)
        if known is None:
            known = self._scripts.setdefault(script, self._client.register_script(script))
        begin = time.monotonic()
        try:
            answer = known(keys=[PREFIX + key for key in keys], args=arguments)
        except (redis.RedisError, OSError) as problem:
            now = time.monotonic()
            self._silent_until = now + max((now - begin) * _SILENCES, _SHORTEST_SILENCE)
            self._tell(away=str(problem))
            return None
        self._tell(away="")
        return answer

    def _tell(self, *, away: str) -> None:
        """Log that Redis went away, or is back: once each."""
        if bool(away) != self._was_away:
            self._was_away = bool(away)
            if away:
                _log.warning("Redis is away, and each worker process keeps to its share of the limits: %s", away)
            else:
                _log.info("Redis is back.")

    @property
    def is_away(self) -> bool:
        """Whether Redis failed just now, and is not asked for a moment."""
        return time.monotonic() < self._silent_until

    def now(self) -> int:
        """Return the server's time in milliseconds, as far as we know it without asking."""
        return int(time.monotonic() * 1000 + self._offset)

    def heard(self, seconds: bytes, microseconds: bytes) -> None:
        """Set our clock by an answer of Redis TIME."""
        self._offset = int(seconds) * 1000 + int(microseconds) // 1000 - time.monotonic() * 1000

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class SharedTable:
    """A small table of texts that all processes read and change: a Redis hash, with a copy here that is at most `max_age` seconds old.

    While Redis is away the copy is the table. The table is forgotten when nobody has changed it for `keep` seconds.
    """

    def __init__(self, shared: Shared, name: str, *, max_age: float = 1.0, keep: int = 3600) -> None:
        self._shared = shared
        self._name = name
        self._max_age = max_age
        self._keep = keep * 1000
        self._lock = threading.Lock()
        self._copy: dict[str, str] = {}
        self._read_at = float("-inf")

    def read(self) -> dict[str, str]:
        """Return the table, not to be changed; asks Redis at most once in `max_age` seconds."""
        now = time.monotonic()
        with self._lock:
            if now - self._read_at < self._max_age:
                return self._copy
            # Before asking: the other threads need not wait for the answer.
            self._read_at = now
        return self._ask()

    def change(self, field: str, changed: Callable[[str], str]) -> bool:
        """Put `changed(old)` in place of one field's old text. Empty texts stand for "not there"; `changed` may be called several times.

        Returns False when others changed the field each time we tried.
        """
        for _ in range(_TRIES):
            old = self._ask().get(field, "")
            new = changed(old)
            done = new == old or self._shared.run(_REPLACE, [self._name], [field, old, new, self._keep])
            if done or done is None:
                self._remember(field, new)
                return True
        return False

    def _ask(self) -> dict[str, str]:
        answer = self._shared.run(_READ, [self._name])
        if answer is None:
            return self._copy
        self._shared.heard(answer[0], answer[1])
        pairs = [part.decode("utf-8", "replace") for part in answer[2]]
        with self._lock:
            self._copy = dict(zip(pairs[::2], pairs[1::2], strict=True))
            self._read_at = time.monotonic()
            return self._copy

    def _remember(self, field: str, text: str) -> None:
        with self._lock:
            self._copy = {name: value for name, value in {**self._copy, field: text}.items() if value}


@lru_cache(maxsize=4)
def _shared(url: str) -> Shared:
    return Shared(url)


def configured_shared() -> Shared:
    """Return this process's connection to the Redis of the settings."""
    return _shared(settings.REDIS_URL)


# A forked worker has a name of its own, and connections of its own.
os.register_at_fork(after_in_child=_shared.cache_clear)
