"""The drill from its beginning to its end: people, a campaign, workers, strikes, and the sum."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailer.cli.demo.story import SAMPLE, SAMPLE_WEEK
from mailer.cli.drill.crew import crew
from mailer.cli.drill.misdeeds import Temper
from mailer.cli.drill.place import Place, own_place
from mailer.cli.drill.strikes import RESTARTS, Planned, Strike, Striker, plan
from mailer.cli.drill.sum import Sum

if TYPE_CHECKING:
    from mailer.models import Campaign

# Nothing came through for so long: what is not through by now won't be.
_STALLED_SECONDS = 180.0
_SWEEP_EVERY = 1.0
# A server that has just been restarted is left alone for a moment: its keeper gives up on one that falls again and again.
_REST_SECONDS = 6.0


@dataclass(frozen=True)
class Script:
    """How large a drill is. `pace` and `trouble` tell what the relay is like (`misdeeds.Temper`)."""

    recipients: int
    strikes: dict[Strike, int]
    workers: int = 2
    processes: int = 2
    pace: float = 0.1
    trouble: float = 10.0


@dataclass
class Drill:
    """One drill under way. `tell` is called with what happens, in words; `show` with how many recipients are through."""

    seed: int
    script: Script
    tell: Callable[[str], None]
    show: Callable[[int], None]
    _chance: random.Random = field(init=False)
    _waiting: list[Planned] = field(init=False)
    _rests_until: float = 0.0
    _swept_at: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311  # to be made again, not to be guessed
        self._waiting = plan(self.script.strikes, self._chance)

    def run(self) -> Sum:
        """Run it all, in servers of its own. Raises LocalProblem or NotReadyError when it can't begin."""
        began = time.monotonic()
        with own_place(Temper(self.seed, self.script.pace, self.script.trouble)) as place:
            from mailer.cli.drill.people import make_people

            with crew(place, workers=self.script.workers, processes=self.script.processes) as workers:
                addresses = make_people(self.script.recipients)
                campaign = _campaign()
                workers.wait_until_ready()
                self.tell(f"{self.script.workers} workers are sending to {len(addresses)} made-up recipients")
                striker = Striker(workers, self._chance)
                _launch(campaign)
                self._accompany(campaign, place, striker)
            missed = [each.strike for each in self._waiting]
            result = Sum.of(self.seed, addresses, place.received, striker, campaign, missed)
            place.keep = not result.is_well
            return result.after(time.monotonic() - began, str(place.folder) if place.keep else "")

    def _accompany(self, campaign: Campaign, place: Place, striker: Striker) -> None:
        """Strike, sweep as beat does, and start workers again, until the campaign has ended or nothing moves any more."""
        before, moved_at = -1, time.monotonic()
        while time.monotonic() - moved_at < _STALLED_SECONDS:
            through = place.received.read()
            if through != before:
                before, moved_at = through, time.monotonic()
                self.show(through)
            self._strike(through, striker)
            # What comes late, such as a kill while no worker is ready, must still come while there is something to send.
            place.brake(on=bool(self._due(through)))
            striker.crew.fill_up()
            if self._sweep(campaign):
                return
            time.sleep(0.05)

    def _strike(self, through: int, striker: Striker) -> None:
        """Let the next thing happen whose moment has come."""
        due = self._due(through)
        if time.monotonic() < self._rests_until:
            due = [each for each in due if each.strike not in RESTARTS]
        for each in due[:1]:
            try:
                happened = striker.strike(each.strike)
            except _away():
                return
            if happened:
                self._waiting.remove(each)
                self.tell(f"{through} through: {each.strike.value}")
                if each.strike in RESTARTS:
                    self._rests_until = time.monotonic() + _REST_SECONDS

    def _due(self, through: int) -> list[Planned]:
        return [each for each in self._waiting if each.part * self.script.recipients <= through]

    def _sweep(self, campaign: Campaign) -> bool:
        """Do what beat and time do. Return whether the campaign has ended. Does nothing while a server is away."""
        from django.db import connection

        from mailer.sending.sweep import sweep_all

        if time.monotonic() - self._swept_at < _SWEEP_EVERY:
            return False
        self._swept_at = time.monotonic()
        try:
            let_time_pass(campaign)
            sweep_all()
            campaign.refresh_from_db()
        except _away():
            connection.close()
            return False
        return campaign.status == campaign.Status.SENT


def let_time_pass(campaign: Campaign) -> None:
    """What hours would do: whoever was told to come again later may come again now."""
    from django.utils import timezone

    now = timezone.now()
    campaign.deliveries.filter(next_attempt_at__gt=now).update(next_attempt_at=now)
    campaign.batches.filter(due_at__gt=now).update(due_at=now)


def _away() -> tuple[type[Exception], ...]:
    import redis
    from django.db import InterfaceError, OperationalError
    from kombu.exceptions import OperationalError as QueueError

    return (OperationalError, InterfaceError, redis.RedisError, QueueError, OSError)


def _campaign() -> Campaign:
    from mailer.models.importing import import_issue
    from mailer.sending import launch, planning
    from subscribers.audiences import Audience

    issue = import_issue(SAMPLE, week=SAMPLE_WEEK).issue
    order = planning.Order(issue=issue, audience=Audience(), sender=planning.sender_named(""), by="drill")
    return launch.create_campaign(order)


def _launch(campaign: Campaign) -> None:
    from mailer.sending import launch

    launch.launch(campaign.pk, by="drill")
    campaign.refresh_from_db()
