"""`ukebrev campaign status` and `deliveries`: how a campaign stands, and who got it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from mailer.cli.campaign_control import maybe_in_words
from mailer.cli.output import AsJson, moment, note, print_json, print_table, progress_bar, say, tell
from mailer.cli.starting import house

# How often a watcher looks. The counts come from one row a batch.
WATCH_SECONDS = 0.5
_MOST_DOMAINS = 10


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status")(status)
    app.command("deliveries")(list_deliveries)


def status(
    campaign: Annotated[int | None, typer.Argument(help="Its number. Default: the newest.", show_default=False)] = None,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, with a bar, until it is done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how a campaign stands: totals that add up, each segment, relay and domain, and why mails were not delivered.

    Exit code 1 if anything failed. Example: `ukebrev campaign status --watch`
    """
    with house():
        from mailer.cli.finding import find_campaign
        from mailer.results.campaigns import report

        record = find_campaign(campaign)
        if watch:
            _watch(record)
        told = report(record)
    if as_json:
        print_json(told.as_json())
    else:
        _show_report(told)
    if told.totals.failed:
        raise typer.Exit(1)


def _watch(campaign: Any) -> None:
    from mailer.results.held import held
    from mailer.results.totals import progress
    from mailer.results.waiting import waiting

    last = None
    with progress_bar() as bar:
        task = bar.add_task(f"Campaign {campaign.pk}", total=campaign.recipients)
        while True:
            campaign.refresh_from_db()
            now = progress(campaign)
            waits = waiting(campaign, now)
            why = held(campaign)
            holds = f"; held: {why}" if why else ""
            pace = f"waiting: {waits.why}" if waits else _pace(now)
            bar.update(task, completed=now.totals.done, total=now.totals.recipients, description=pace or "Waiting")
            line = f"{now.totals.done} of {now.totals.recipients} done, {now.totals.deferred} waiting for another try{holds}"
            if bar.disable and line != last:
                note(f"{line}{f'; {pace}' if pace else ''}")
            last = line
            if campaign.status not in {campaign.Status.LAUNCHING, campaign.Status.SENDING}:
                return
            time.sleep(WATCH_SECONDS)


def _pace(now: Any) -> str:
    if not now.rate:
        return ""
    left = now.seconds_left
    rate = f"{now.rate:.0f} a second" if now.rate >= 1 else f"{max(now.rate * 60, 1):.0f} a minute"
    return f"{rate}{f', about {_duration(left)} left' if left else ''}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _show_report(told: Any) -> None:
    campaign, totals = told.campaign, told.totals
    say(f"Campaign {campaign.pk} of {campaign.issue.slug}: {campaign.status}")
    left_out = ", ".join(f"{number} {reason}" for reason, number in campaign.left_out.items())
    say(
        f"{campaign.candidates} candidates, {totals.recipients} recipients{f' (left out: {left_out})' if left_out else ''}"
    )
    for sentence in _what_is_up(told):
        tell(sentence)
    if campaign.drift:
        say(f"Since it was approved: {campaign.drift}")
    say(
        f"{totals.sent} sent, {totals.pending + totals.sending} to go, {totals.deferred} deferred, "
        f"{totals.failed} failed, {totals.skipped} skipped, {totals.uncertain} uncertain"
    )
    if told.progress.times_uncertain:
        times = "Once" if told.progress.times_uncertain == 1 else f"{told.progress.times_uncertain} times"
        say(f"{times} nobody could tell whether the relay had taken a letter.")
    if told.may_have_got_it:
        tell(maybe_in_words(told.may_have_got_it, campaign.pk))
    if told.progress.rate:
        say(_pace(told.progress))
    print_table(
        ["Letter", "Segment", "Language", "Recipients", "Sent", "Sections"],
        [
            [
                result.variant.number,
                ", ".join(result.variant.interests) or "everything",
                result.variant.language,
                result.recipients,
                result.sent,
                " ".join(str(position + 1) for position in result.variant.sections),
            ]
            for result in told.variants
        ],
        numbers=["Letter", "Recipients", "Sent"],
    )
    for position, heading in told.headings.items():
        say(f"{position + 1:>4}. {heading}")
    _show_ways(told.progress)
    for reason, number in told.reasons.items():
        say(f"{number} {reason}")


def _what_is_up(told: Any) -> Iterator[str]:
    if told.nobody_got_it:
        yield told.nobody_got_it
    if told.held:
        yield f"{'Why' if told.campaign.status == told.campaign.Status.CANCELLED else 'Held'}: {told.held}"
    if told.waiting:
        yield f"Waiting: {told.waiting.why}"
    elif told.first:
        yield told.first.in_words()


def _show_ways(progress: Any) -> None:
    for title, rows in (("Relay", progress.relays), ("Domain", dict(list(progress.domains.items())[:_MOST_DOMAINS]))):
        if rows:
            print_table(
                [title, "Recipients", "Sent", "Deferred", "Failed"],
                [
                    [name or "others", sum(n.values()), *(n.get(s, 0) for s in ("sent", "deferred", "failed"))]
                    for name, n in rows.items()
                ],
                numbers=["Recipients", "Sent", "Deferred", "Failed"],
            )


def list_deliveries(
    campaign: Annotated[int, typer.Argument(help="The campaign's number.", show_default=False)],
    *,
    status: Annotated[str, typer.Option(help="pending, sending, sent, deferred, failed, skipped or uncertain.")] = "",
    address: Annotated[str, typer.Option(help="Only this person: did Kari get it?")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List who got it and who did not, and why.

    Example: `ukebrev campaign deliveries 12 --status failed`
    """
    with house():
        from mailer.cli.finding import find_campaign
        from mailer.results.deliveries import deliveries
        from subscribers.addresses import normalise

        key = normalise(address).key if address else ""
        # One more than is shown tells that there are more.
        rows = deliveries(find_campaign(campaign), status=status, address_key=key, limit=limit + 1)
    shown = rows[:limit]
    if as_json:
        print_json([row.as_json() for row in shown])
        return
    if address and not rows:
        say(f"{address} has no delivery in campaign {campaign}{f' that is {status}' if status else ''}.")
        return
    print_table(
        ["Address", "Status", "Why", "Tries", "Relay", "When"],
        [[r.address, r.status, r.why, r.attempts, r.relay, moment(r.finished_at)] for r in shown],
        numbers=["Tries"],
    )
    if len(rows) > limit:
        say(f"There are more than these {limit}: `--limit` shows more of them, `--status failed` or `--address` fewer.")
