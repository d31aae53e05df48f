"""A week of sending, simulated minute by minute from what one message costs: how long campaigns take, and what holds them up."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

MINUTES = 7 * 24 * 60
# Monday to Friday at eight, a fifth of the week's messages each.
_LAUNCHES = frozenset((day * 24 + 8) * 60 for day in range(5))
# Of those handed over, so many are put off by the recipients' servers and go again after a quarter of an hour, once.
_DEFERRED, _AGAIN_AFTER = 0.02, 15


@dataclass(frozen=True)
class Costs:
    """What one message costs: processor time in microseconds, octets on the wire, in PostgreSQL's log, and in its tables for good."""

    worker_us: float
    postgresql_us: float
    redis_us: float
    wire_bytes: float
    wal_bytes: float
    row_bytes: float


@dataclass(frozen=True)
class Plan:
    """How much is sent a week, and with what. What relays take is in messages a second, all of them together."""

    per_week: int
    worker_cores: int
    postgresql_cores: int
    network_gbit: float
    connections: int
    relays_per_s: float
    # From the end of one message to the relay's answer: a round trip, and what the relay needs to write it down.
    answer_ms: float = 50.0
    log_mb_per_s: float = 100.0


@dataclass(frozen=True)
class Week:
    """What became of it. `hours` is from a launch to its last outcome, the longest; `held_up_by` what was used to the full."""

    per_s: float
    hours: float
    held_up_by: str
    gigabytes: float
    unsent: int


def capacities(costs: Costs, plan: Plan) -> dict[str, float]:
    """Messages a second that each part can do by itself."""
    return {
        "workers": plan.worker_cores * 1e6 / costs.worker_us,
        "PostgreSQL": plan.postgresql_cores * 1e6 / costs.postgresql_us,
        "PostgreSQL's log": plan.log_mb_per_s * 1e6 / costs.wal_bytes,
        "Redis": 1e6 / costs.redis_us,
        "network": plan.network_gbit * 1e9 / 8 / costs.wire_bytes,
        "connections": plan.connections * 1000 / plan.answer_ms,
        "relays": plan.relays_per_s,
    }


def simulate(costs: Costs, plan: Plan) -> Week:
    """Run the week: campaigns queue behind one another, and each minute as much goes out as the narrowest part lets through."""
    rates = capacities(costs, plan)
    narrowest = min(rates, key=lambda name: rates[name])
    per_minute = rates[narrowest] * 60
    fresh, deferred = 0.0, 0.0
    again: deque[float] = deque([0.0] * _AGAIN_AFTER)
    longest, launched_at, was_held_up = 0, 0, False
    for minute in range(MINUTES):
        if minute in _LAUNCHES:
            # Whoever launches before the last campaign is out waits for it too.
            launched_at = launched_at if fresh or deferred or any(again) else minute
            fresh += plan.per_week / len(_LAUNCHES)
        deferred += again.popleft()
        sent_again = min(deferred, per_minute)
        sent = min(fresh, per_minute - sent_again)
        fresh, deferred = fresh - sent, deferred - sent_again
        again.append(sent * _DEFERRED)
        was_held_up |= bool(fresh)
        if sent or sent_again:
            longest = max(longest, minute + 1 - launched_at)
    return Week(
        per_s=rates[narrowest],
        hours=longest / 60,
        held_up_by=narrowest if was_held_up else "nothing",
        gigabytes=plan.per_week * costs.row_bytes / 1e9,
        unsent=round(fresh + deferred),
    )
