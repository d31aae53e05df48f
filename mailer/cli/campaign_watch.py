"""`ukebrev campaign status --watch`: a bar, or lines where there is no terminal, until a campaign is done."""

from __future__ import annotations

import time
from typing import Any

from mailer.cli.output import note, progress_bar

# How often a watcher looks. The counts come from one row a batch.
WATCH_SECONDS = 0.5
# Where no worker is, the question takes a second.
_ASK_FOR_WORKERS_SECONDS = 15.0
NO_WORKER = (
    "No worker answers, so that nothing goes: `make run` starts one (docker compose: `docker compose up -d worker`), "
    "and it goes on from here."
)


def nobody_works(campaign: Any) -> bool:
    """Tell whether something is to be done for a campaign, and no worker answers. Takes a second then."""
    from mailer.sending.workers import any_worker

    return campaign.status in {campaign.Status.LAUNCHING, campaign.Status.SENDING} and not any_worker()


def watch_campaign(campaign: Any) -> None:
    """Show how a campaign goes until it goes no more."""
    from mailer.results.totals import progress

    last, alone = None, _LeftAlone()
    with progress_bar() as bar:
        task = bar.add_task(f"Campaign {campaign.pk}", total=campaign.recipients)
        while True:
            campaign.refresh_from_db()
            now = progress(campaign)
            nobody = "; no worker answers" if alone.is_so(campaign, now) else ""
            what = _what(campaign, now)
            bar.update(
                task, completed=now.totals.done, total=now.totals.recipients, description=f"{what or 'Waiting'}{nobody}"
            )
            line = f"{now.totals.done} of {now.totals.recipients} done, {now.totals.deferred} waiting for another try"
            line += f"{_holds(campaign)}{nobody}"
            if bar.disable and line != last:
                note(f"{line}{f'; {what}' if what else ''}")
            last = line
            if campaign.status not in {campaign.Status.LAUNCHING, campaign.Status.SENDING}:
                return
            time.sleep(WATCH_SECONDS)


class _LeftAlone:
    """Whether nobody works on what is watched: asked now and then, and only while nothing moves."""

    def __init__(self) -> None:
        self._answer, self._done, self._ask_at = False, -1, 0.0

    def is_so(self, campaign: Any, now: Any) -> bool:
        if now.totals.done != self._done:
            # At the first look nothing has had the time to move yet.
            self._answer, self._ask_at = False, time.monotonic() + (_ASK_FOR_WORKERS_SECONDS if self._done >= 0 else 0)
            self._done = now.totals.done
        elif time.monotonic() >= self._ask_at:
            self._answer, self._ask_at = nobody_works(campaign), time.monotonic() + _ASK_FOR_WORKERS_SECONDS
        return self._answer


def pace(now: Any) -> str:
    """Return in words how fast a campaign goes, and how long it takes from here; nothing while nothing is sent."""
    if not now.rate:
        return ""
    left = now.seconds_left
    rate = f"{now.rate:.0f} a second" if now.rate >= 1 else f"{max(now.rate * 60, 1):.0f} a minute"
    return f"{rate}{f', about {_duration(left)} left' if left else ''}"


def _what(campaign: Any, now: Any) -> str:
    from mailer.results.waiting import waiting

    waits = waiting(campaign, now)
    return f"waiting: {waits.why}" if waits else pace(now)


def _holds(campaign: Any) -> str:
    from mailer.results.held import held

    why = held(campaign)
    return f"; held: {why}" if why else ""


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
