"""No more connections to a relay than it allows, from all workers of all machines: a worker takes a slot before it opens one."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from mailer.sending.fellows import Fellows, configured_fellows
from mailer.sending.relays import Relay
from mailer.sending.shared import Shared, configured_shared

# In milliseconds: a slot that nobody renewed for so long belongs to a process that died.
EXPIRES = 30_000
# In seconds.
_RENEW_EVERY = 5.0
_TAKE = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3] * 2)
return 1
"""
# Slots that are not there any more (Redis was emptied, or we were silent for too long) are taken anew while there is room.
_RENEW = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local room = tonumber(ARGV[1]) - redis.call('ZCARD', KEYS[1])
local lost = {}
for i = 3, #ARGV do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[i])
  elseif room > 0 then
    room = room - 1
    redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
return lost
"""
_GIVE_BACK = "return redis.call('ZREM', KEYS[1], unpack(ARGV))"
_END = """
local ended = 0
for _, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if string.find(name, ARGV[1], 1, true) then ended = ended + redis.call('ZREM', KEYS[1], name) end
end
return ended
"""
_OPEN = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', redis.call('TIME')[1] * 1000)
return redis.call('ZCARD', KEYS[1])
"""


@dataclass(frozen=True, slots=True)
class Slot:
    """The right to one open connection."""

    relay: Relay
    name: str


@dataclass(slots=True)
class _Held:
    """The slots of this process for one relay, by name, and when they were last renewed (monotonic seconds)."""

    slots: set[str] = field(default_factory=set)
    renewed_at: float = 0.0
    # Not used any more, and still counted, for half a minute more, by a Redis that did not answer when they were given back.
    unreturned: set[str] = field(default_factory=set)


class ConnectionSlots:
    """The slots as one process keeps them, for all of its threads."""

    def __init__(self, shared: Shared, fellows: Fellows) -> None:
        self._shared = shared
        self._fellows = fellows
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._held: dict[str, _Held] = {}

    def take(self, relay: Relay, owner: str) -> Slot | None:
        """Take a slot for a connection to this relay, or None when all are taken. `owner` is told to people who look into Redis."""
        self._fellows.heartbeat()
        self._return_rest(relay)
        slot = Slot(relay, f"{self._shared.identity}:{next(self._numbers)}:{owner}")
        taken = self._shared.run(_TAKE, [_key(relay)], [slot.name, relay.connections, EXPIRES])
        with self._lock:
            held = self._held.setdefault(relay.name, _Held(renewed_at=time.monotonic()))
            if taken is None:
                taken = len(held.slots) < self._fellows.share(relay.connections)
                if not taken:
                    # A server that hangs does all the same what it was asked, once it goes on.
                    held.unreturned.add(slot.name)
            if not taken:
                return None
            held.slots.add(slot.name)
        return slot

    def renew(self, slot: Slot) -> bool:
        """Keep a slot, and with it all of this process' slots for the relay; to be called at least every 10 seconds by any thread.

        Asks Redis at most every 5 seconds. Returns False when the slot is lost: then the connection is to be closed.
        """
        now = time.monotonic()
        with self._lock:
            held = self._held.get(slot.relay.name)
            if held is None or slot.name not in held.slots:
                return False
            if now - held.renewed_at < _RENEW_EVERY:
                return True
            held.renewed_at, names = now, sorted(held.slots)
        lost = self._shared.run(_RENEW, [_key(slot.relay)], [slot.relay.connections, EXPIRES, *names])
        with self._lock:
            held.slots.difference_update(name.decode() for name in lost or ())
            return slot.name in held.slots

    def give_back(self, slot: Slot) -> None:
        """Free a slot after its connection was closed."""
        with self._lock:
            held = self._held.get(slot.relay.name)
            if held is not None:
                held.slots.discard(slot.name)
        if self._shared.run(_GIVE_BACK, [_key(slot.relay)], [slot.name]) is None:
            with self._lock:
                self._held.setdefault(slot.relay.name, _Held()).unreturned.add(slot.name)

    def _return_rest(self, relay: Relay) -> None:
        """Give back what could not be given back while Redis was away."""
        with self._lock:
            held = self._held.get(relay.name)
            names = sorted(held.unreturned) if held is not None else []
        if held is not None and names and self._shared.run(_GIVE_BACK, [_key(relay)], names) is not None:
            with self._lock:
                held.unreturned.difference_update(names)

    def give_all_back(self) -> None:
        """Free all slots of this process, which is about to end, whatever its connections wait for."""
        with self._lock:
            left = {name: sorted(held.slots) for name, held in self._held.items() if held.slots}
            self._held.clear()
        for relay, slots in left.items():
            self._shared.run(_GIVE_BACK, [f"relay:{relay}:connections"], slots)

    def end(self, owner: str, relays: Iterable[Relay]) -> int:
        """Free the slots of a dead process at once. `owner` is what it told `take`, or its beginning. Return how many there were."""
        return sum(self._shared.run(_END, [_key(relay)], [f":{owner}"]) or 0 for relay in relays)

    def open_connections(self, relay: Relay) -> int | None:
        """Return how many slots of a relay are taken, by all; None when Redis is away."""
        count = self._shared.run(_OPEN, [_key(relay)])
        return None if count is None else int(count)


def _key(relay: Relay) -> str:
    return f"relay:{relay.name}:connections"


@lru_cache(maxsize=1)
def configured_slots() -> ConnectionSlots:
    """Return this process's slots, by the Redis of the settings."""
    return ConnectionSlots(configured_shared(), configured_fellows())


os.register_at_fork(after_in_child=configured_slots.cache_clear)
