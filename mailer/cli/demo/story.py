"""The demo, step by step."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mailer.cli.demo.steps import step
from mailer.cli.output import progress_bar, say
from mailer.cli.starting import NotReadyError, house
from mailer.local.locks import Lock
from mailer.local.paths import var

if TYPE_CHECKING:
    from mailer.models import Campaign, Issue

SAMPLE = Path(__file__).with_name("uke-45.txt")
# The week that the text was written for, so that the letter carries its own dates.
SAMPLE_WEEK = "2021-W45"
STALLED_SECONDS = 60.0
# Servers that a setting may name, which a demo must never touch: it would mail real people.
_OTHERS = ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "MAIL_FROM", "SITE_URL")


def run_demo() -> bool:
    """Take the sample from its text to the inboxes, print what happened, and tell whether everything arrived."""
    for name in _OTHERS:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    with _alone():
        say("Ukebrev: one weekly update, from its text to the inboxes of every segment.\n")
        with contextlib.ExitStack() as stack:
            with step("Starting PostgreSQL, Redis and an inbox, and making the tables"):
                stack.enter_context(house(queue=True, inbox=True))
            from mailer.cli.demo.worker import worker

            with step("Starting a Celery worker"):
                stack.enter_context(worker())
            return _tell()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    place = var()
    place.make()
    lock = Lock(place.open(place.run / "demo.lock", "r+"))
    if not lock.try_exclusive():
        lock.close()
        raise NotReadyError("Another `make demo` is running here. Wait for it, or stop it, then try again.")
    try:
        yield
    finally:
        lock.close()


def _tell() -> bool:
    from mailer.cli.demo.people import add_missing_people
    from mailer.cli.demo.table import print_result
    from mailer.models.importing import import_issue
    from mailer.models.suggestions import accept_suggestions
    from mailer.sending.preview import previews, write_preview

    with step("Importing uke-45.txt") as now:
        imported = import_issue(SAMPLE, week=SAMPLE_WEEK)
        again = "" if imported.is_new else "it was there already, not imported again; "
        now.result = f"{again}{len(imported.parsed.sections)} sections in {len(imported.parsed.parts)} parts"
    with step("Accepting what the importer suggests, as an editor would") as now:
        accepted = accept_suggestions(imported.issue)
        now.result = f"{accepted.total} suggestions" if accepted.total else "nothing is left to accept"
    with step("Adding subscribers in every combination of interests") as now:
        added, there = add_missing_people()
        now.result = f"{added} added, {there} were there already"
    with step("Rendering a preview of every variant") as now:
        shown = [p for language in ("nb", "en") for p in previews(imported.issue, interests=None, language=language)]
        folder = {write_preview(imported.issue, preview).parent for preview in shown}.pop()
        now.result = f"{len(shown)} variants"
    campaign = _send(imported.issue)
    return print_result(campaign, imported.issue, folder)


def _send(issue: Issue) -> Campaign:
    from mailer.cli.demo.people import end_earlier_demos
    from mailer.sending import launch, planning
    from subscribers.audiences import Audience

    with step("Launching a new campaign to them all") as now:
        cut_short = end_earlier_demos()
        order = planning.Order(
            issue=issue, audience=Audience(), sender=planning.sender_named(""), by="demo", again=True
        )
        campaign = launch.create_campaign(order)
        launch.launch(campaign.pk, by="demo")
        campaign.refresh_from_db()
        ended = f"; {cut_short} that an earlier demo left unfinished ended" if cut_short else ""
        now.result = f"campaign {campaign.pk}, {campaign.recipients} recipients{ended}"
    with step("Sending") as now:
        _wait_until_sent(campaign)
        now.result = f"{campaign.status}"
    return campaign


def _wait_until_sent(campaign: Campaign) -> None:
    from mailer.results.totals import totals

    last_done, last_change = -1, time.monotonic()
    with progress_bar() as bar:
        task = bar.add_task("Sending", total=campaign.recipients)
        while campaign.status in {campaign.Status.LAUNCHING, campaign.Status.SENDING}:
            done = totals(campaign).done
            bar.update(task, completed=done)
            if done != last_done:
                last_done, last_change = done, time.monotonic()
            elif time.monotonic() - last_change > STALLED_SECONDS:
                raise NotReadyError(
                    f"Nothing was sent for {STALLED_SECONDS:.0f} seconds, {done} of {campaign.recipients} are done. "
                    f"{campaign.held_because} The worker's log is {var().logs / 'demo-worker.log'}."
                )
            time.sleep(0.1)
            campaign.refresh_from_db()
