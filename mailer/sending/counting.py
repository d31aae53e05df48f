"""Counting in Redis: the scripts that let a whole chunk of messages go or wait, take back, and read, and what they are asked.

Lua's numbers are doubles: whole microseconds since 1970 are exact in them until the year 2255. Keys of a relay are three: its bucket,
its hour (a hash of counts by minute, with their total and the oldest minute) and its day (a count).
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mailer.sending.buckets import WINDOW, Grants, RelayMemory, Request, Terms, bucket
from mailer.sending.relays import Relay
from mailer.sending.shared import Shared

_NONE = -1

# Arguments: the number of domains and of relays; for each domain its bucket (interval, tolerance); for each relay weight, saved-up weight,
# bucket, messages an hour, what we last knew of the hour, and of which minute, allowance of the day, what we last knew of the day,
# what went without Redis in the hour and the day (-1: none); then the chunk, two bytes a message: the number of its domain, or 0.
# Answer: the relay of each message, one byte each (0: wait); milliseconds to wait for each domain; for each relay milliseconds to wait
# (-1: until tomorrow), total of the hour, count of the day, saved-up weight; the minute.
_ACQUIRE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local minute = math.floor(now / 60000000)
local D, R = tonumber(ARGV[1]), tonumber(ARGV[2])
local at = 2
local function argument() at = at + 1 return tonumber(ARGV[at]) end

local function open_bucket(key, interval, tolerance)
  local full_at = math.max(tonumber(redis.call('GET', key) or 0), now)
  local free = math.max(math.floor((now + tolerance - full_at) / interval), 0)
  return {key = key, interval = interval, tolerance = tolerance, full_at = full_at, free = free, used = 0}
end

local function close_bucket(b)
  if b.used > 0 then
    b.full_at = b.full_at + b.used * b.interval
    redis.call('SET', b.key, string.format('%.0f', b.full_at), 'PX', math.ceil((b.full_at - now) / 1000) + 1000)
  end
  return math.max(math.ceil((b.full_at + b.interval - b.tolerance - now) / 1000), 0)
end

local function open_hour(key, limit, known, known_minute, alone)
  local total, oldest = unpack(redis.call('HMGET', key, 'total', 'oldest'))
  total, oldest = tonumber(total), tonumber(oldest)
  if not total then
    total, oldest = 0, minute
    if known > 0 and known_minute > minute - 61 and known_minute <= minute then
      total, oldest = known, known_minute
      redis.call('HSET', key, oldest, known)
    end
  end
  while oldest <= minute - 61 do
    total = total - (tonumber(redis.call('HGET', key, oldest)) or 0)
    redis.call('HDEL', key, oldest)
    oldest = oldest + 1
  end
  if alone > 0 then
    total = total + alone
    redis.call('HINCRBY', key, minute, alone)
  end
  return {key = key, total = total, oldest = oldest, free = math.max(limit - total, 0)}
end

local function close_hour(h, used)
  h.total = h.total + used
  if used > 0 then redis.call('HINCRBY', h.key, minute, used) end
  redis.call('HSET', h.key, 'total', h.total, 'oldest', h.oldest)
  redis.call('EXPIRE', h.key, 3720)
  local first = h.oldest
  while first < minute and (tonumber(redis.call('HGET', h.key, first)) or 0) <= 0 do first = first + 1 end
  return math.max((first + 61) * 60000 - math.floor(now / 1000), 0)
end

local domains, relays = {}, {}
for i = 1, D do domains[i] = open_bucket(KEYS[i], argument(), argument()) end
for j = 1, R do
  local k = D + 3 * (j - 1)
  local r = {weight = argument(), current = argument(), free = 1e9, used = 0, hour = 0, day = -1}
  local interval, tolerance = argument(), argument()
  if interval > 0 then
    r.bucket = open_bucket(KEYS[k + 1], interval, tolerance)
    r.free = r.bucket.free
  end
  local per_hour, known, known_minute, allowance, known_day = argument(), argument(), argument(), argument(), argument()
  local alone_hour, alone_day = argument(), argument()
  if per_hour >= 0 then
    r.window = open_hour(KEYS[k + 2], per_hour, known, known_minute, alone_hour)
    r.free = math.min(r.free, r.window.free)
  end
  if allowance >= 0 then
    r.day = (tonumber(redis.call('GET', KEYS[k + 3])) or known_day) + alone_day
    r.free = math.min(r.free, math.max(allowance - r.day, 0))
    r.day_key, r.allowance = KEYS[k + 3], allowance
  end
  relays[j] = r
end

local chunk = ARGV[#ARGV]
local chosen = {}
for m = 1, #chunk / 2 do
  local low, high = string.byte(chunk, 2 * m - 1, 2 * m)
  local d = domains[low + 256 * high]
  local best, total = 0, 0
  if not d or d.free > 0 then
    for j = 1, R do
      local r = relays[j]
      if r.free > 0 then
        r.current = r.current + r.weight
        total = total + r.weight
        if best == 0 or r.current > relays[best].current then best = j end
      end
    end
  end
  if best > 0 then
    local r = relays[best]
    r.current, r.free, r.used = r.current - total, r.free - 1, r.used + 1
    if d then d.free, d.used = d.free - 1, d.used + 1 end
  end
  chosen[m] = string.char(best)
end

local domain_waits, answers = {}, {}
for i = 1, D do domain_waits[i] = close_bucket(domains[i]) end
for j = 1, R do
  local r, wait = relays[j], 0
  if r.bucket then
    r.bucket.used = r.used
    wait = close_bucket(r.bucket)
  end
  if r.window then
    local until_room = close_hour(r.window, r.used)
    r.hour = r.window.total
    if r.window.free <= r.used then wait = math.max(wait, until_room) end
  end
  if r.day_key then
    r.day = r.day + r.used
    redis.call('SET', r.day_key, r.day, 'EX', 172800)
    if r.day >= r.allowance then wait = -1 end
  end
  if r.free > 0 then wait = 0 end
  for _, value in ipairs({wait, r.hour, r.day, r.current}) do answers[#answers + 1] = value end
end
return {table.concat(chosen), domain_waits, answers, minute}
"""

# Arguments: for each relay how many messages, of those that were let go, were not handed over. Keys as above, without the buckets.
_GIVE_BACK = """
local t = redis.call('TIME')
local minute = math.floor(t[1] / 60)
for j = 1, #ARGV do
  local hour, day, count = KEYS[2 * j - 1], KEYS[2 * j], tonumber(ARGV[j])
  if redis.call('EXISTS', hour) == 1 then
    redis.call('HINCRBY', hour, 'total', -count)
    redis.call('HINCRBY', hour, minute, -count)
  end
  if redis.call('EXISTS', day) == 1 and redis.call('DECRBY', day, count) < 0 then
    redis.call('SET', day, 0, 'EX', 172800)
  end
end
return 1
"""

# Answer: for each relay the hash of its hour, and its day; TIME first.
_USAGE = """
local answer = {redis.call('TIME')[1]}
for j = 1, #KEYS, 2 do
  answer[#answer + 1] = redis.call('HGETALL', KEYS[j])
  answer[#answer + 1] = redis.call('GET', KEYS[j + 1]) or ''
end
return answer
"""


def acquire(shared: Shared, request: Request, lock: threading.Lock) -> Grants | None:
    """Let messages go or wait as the counts of all processes allow; None when Redis is away.

    `lock` guards the memories of the relays; it is not held while Redis is asked.
    """
    arguments: list[Any] = [len(request.domains), len(request.relays)]
    for rate in request.rates:
        limit = bucket(rate)
        arguments += (limit.interval, limit.tolerance)
    minute = shared.now() // 60_000
    with lock:
        counted_alone = [memory.take_alone() for memory in request.memories]
        for relay, terms, memory, alone in zip(
            request.relays, request.terms, request.memories, counted_alone, strict=True
        ):
            arguments += (relay.weight, *_of_relay(terms, memory), *_alone(alone, minute, request.midnight))
    arguments.append(struct.pack(f"<{len(request.indices)}H", *request.indices))
    keys = [f"domain:{domain}" for domain in request.domains]
    for relay in request.relays:
        keys += (f"relay:{relay.name}:second", hour_key(relay), day_key(relay, request.today))
    answer = shared.run(_ACQUIRE, keys, arguments)
    with lock:
        if answer is None:
            for memory, alone in zip(request.memories, counted_alone, strict=True):
                memory.put_back_alone(alone)
            return None
        return _heard(answer, request)


def give_back(shared: Shared, unused: Mapping[Relay, int], today: date) -> bool:
    """Uncount messages that were let go and not handed over. Returns whether Redis heard it."""
    keys = [key for relay in unused for key in (hour_key(relay), day_key(relay, today))]
    return shared.run(_GIVE_BACK, keys, list(unused.values())) is not None


def usage(shared: Shared, relays: Sequence[Relay], today: date) -> list[tuple[int, int]] | None:
    """Return how many messages each relay took in the last hour and today, where that is counted; None when Redis is away."""
    keys = [key for relay in relays for key in (hour_key(relay), day_key(relay, today))]
    answer = shared.run(_USAGE, keys)
    if answer is None:
        return None
    since = int(answer[0]) // 60 - WINDOW + 1
    hours = (zip(pairs[::2], pairs[1::2], strict=True) for pairs in answer[1::2])
    return [
        (sum(int(count) for minute, count in hour if minute.isdigit() and int(minute) >= since), int(day or 0))
        for hour, day in zip(hours, answer[2::2], strict=True)
    ]


def hour_key(relay: Relay) -> str:
    """Where the last hour of a relay is counted."""
    return f"relay:{relay.name}:hour"


def day_key(relay: Relay, day: date) -> str:
    """Where a day of a relay is counted."""
    return f"relay:{relay.name}:day:{day.isoformat()}"


def _of_relay(terms: Terms, memory: RelayMemory) -> tuple[int, ...]:
    return (
        memory.current,
        terms.second.interval,
        terms.second.tolerance,
        _NONE if terms.per_hour is None else terms.per_hour,
        memory.hour,
        memory.minute,
        _NONE if terms.allowance is None else terms.allowance,
        memory.day,
    )


def _alone(counts: Mapping[int, int], minute: int, midnight: int) -> tuple[int, int]:
    hour = sum(count for when, count in counts.items() if when > minute - WINDOW)
    return hour, sum(count for when, count in counts.items() if when >= midnight)


def _heard(answer: Any, request: Request) -> Grants:
    chosen, domain_waits, of_relays, minute = answer
    waits: list[float] = []
    for at, (terms, memory) in enumerate(zip(request.terms, request.memories, strict=True)):
        wait, hour, day, memory.current = of_relays[4 * at : 4 * at + 4]
        waits.append(request.seconds_left if wait == _NONE else wait / 1000)
        if terms.per_hour is not None:
            memory.hour, memory.minute = hour, minute
        if terms.allowance is not None:
            memory.day = day
    return Grants(chosen, [wait / 1000 for wait in domain_waits], min(waits))
