"""What strikes a campaign in the drill: killed workers, an emptied Redis, servers that restart, a task delivered twice."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

import redis

from mailer.cli.drill.crew import Crew


class Strike(Enum):
    """Something that strikes, in words for people."""

    KILL = "kill -9 of a worker"
    FLUSH = "Redis emptied"
    REDIS = "Redis restarted"
    POSTGRES = "PostgreSQL restarted"
    COPY = "tasks delivered twice"


RESTARTS = (Strike.REDIS, Strike.POSTGRES)
# Part of the recipients by which the last restart has come: later the campaign might end before its moment.
_LAST_RESTART = 0.7


@dataclass(frozen=True, slots=True)
class Planned:
    """A strike that comes when this part of all recipients is through."""

    part: float
    strike: Strike


def plan(numbers: dict[Strike, int], chance: random.Random) -> list[Planned]:
    """Return when what strikes: somewhere in the campaign, in order; restarts, which take their time, well apart."""
    restarts = [strike for strike in RESTARTS for _ in range(numbers.get(strike, 0))]
    chance.shuffle(restarts)
    span = _LAST_RESTART / max(len(restarts), 1)
    planned = [Planned(span * (number + chance.uniform(0.1, 0.5)), strike) for number, strike in enumerate(restarts)]
    others = [strike for strike, number in numbers.items() for _ in range(number) if strike not in RESTARTS]
    planned += [Planned(chance.uniform(0.02, 0.85), strike) for strike in others]
    return sorted(planned, key=lambda each: each.part)


@dataclass
class Striker:
    """Lets things happen, and counts them. `at_risk` is how many connections the killed workers had open in all."""

    crew: Crew
    chance: random.Random
    done: Counter[Strike] = field(default_factory=Counter)
    at_risk: int = 0

    def strike(self, what: Strike) -> bool:
        """Let it happen. Return whether it did: a worker that is to be killed must be there."""
        how: dict[Strike, Callable[[], bool]] = {
            Strike.KILL: self._kill,
            Strike.FLUSH: self._flush,
            Strike.REDIS: self._restart_redis,
            Strike.POSTGRES: self._restart_postgres,
            Strike.COPY: self._deliver_again,
        }
        happened = how[what]()
        self.done[what] += happened
        return happened

    def _kill(self) -> bool:
        open_connections = self.crew.kill(self.chance)
        self.at_risk += open_connections or 0
        return open_connections is not None

    def _flush(self) -> bool:
        with _redis() as client:
            client.flushall()
        return True

    def _restart_redis(self) -> bool:
        """End it, in order or not; its keeper starts it again."""
        with _redis() as client:
            number = client.info("server")["process_id"]
        os.kill(number, self.chance.choice([signal.SIGTERM, signal.SIGKILL]))
        return True

    def _restart_postgres(self) -> bool:
        """Shut it down, fast or as a crash would; its keeper starts it again."""
        from mailer.local.paths import var
        from mailer.local.postgres import Postgres

        pid_file = Postgres(var()).data.resolve() / "postmaster.pid"
        os.kill(int(pid_file.read_text().split()[0]), self.chance.choice([signal.SIGINT, signal.SIGQUIT]))
        return True

    def _deliver_again(self) -> bool:
        """Deliver the tasks of all batches again on which somebody works, as Redis does after its visibility timeout."""
        from celery import current_app

        from mailer.models import Batch

        leased = list(Batch.objects.exclude(lease_owner="").values_list("pk", flat=True))
        for number in leased:
            current_app.send_task("mailer.sending.tasks.send_batch", args=[number])
        return bool(leased)


def _redis() -> redis.Redis:
    from django.conf import settings

    return redis.Redis.from_url(settings.REDIS_URL)
