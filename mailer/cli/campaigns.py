"""`ukebrev campaign`: dispatches of an issue to an audience."""

from __future__ import annotations

import getpass
import time
from typing import Annotated, Any, Literal

import typer

from mailer.cli.output import AsJson, moment, note, print_json, print_table, progress_bar, say
from mailer.cli.starting import house
from mailer.cli.words import comma_list

app = typer.Typer(help="Dispatches of an issue to an audience.", no_args_is_help=True)

# How often a watcher looks. The counts come from one indexed query.
WATCH_SECONDS = 0.5


@app.command("send")
def send(
    issue: Annotated[str, typer.Argument(metavar="ISSUE", help="Its number or its slug.")],
    *,
    audience: Annotated[
        str | None, typer.Option(help="Interests, with commas between. Left out: the whole list.", show_default=False)
    ] = None,
    match: Annotated[Literal["any", "all"], typer.Option(help="Whether one of the interests is enough.")] = "any",
    language: Annotated[str, typer.Option(help="Only readers of this language: nb or en.")] = "",
    exclude: Annotated[str, typer.Option(help="Leave out who follows one of these interests.")] = "",
    only_followers: Annotated[
        bool, typer.Option("--only-followers", help="Leave out who follows no interest, and so gets everything.")
    ] = False,
    sender: Annotated[
        str, typer.Option("--from", help="`Our name <letter@example.org>`. Default: the setting MAIL_FROM.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show who would get what, and send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send an issue to the people of an audience, each getting the sections that match their interests.

    Example: `ukebrev campaign send uke-45-2021 --audience students,businesses --dry-run`
    """
    from mailer.cli.asking import asked_interests

    with house():
        from mailer.cli.finding import find_issue
        from mailer.results.campaigns import got_before
        from mailer.sending import launch
        from subscribers.audiences import Audience

        record = find_issue(issue)
        people = Audience(
            interests=asked_interests(audience),
            match=match,
            language=language,
            excluded=comma_list(exclude),
            only_followers=only_followers,
        )
        order = launch.Order(issue=record, audience=people, sender=launch.sender_named(sender), by=getpass.getuser())
        planned = launch.plan(record, people)
        if dry_run or not as_json:
            _show_plan(planned, record, got_before(record, people), as_json=as_json)
        if dry_run:
            return
        campaign = _launch(order, planned.recipients, yes=yes)
    if as_json:
        print_json({"campaign": campaign.pk, "status": campaign.status, "recipients": campaign.recipients})
    else:
        say(f"Campaign {campaign.pk} is launched to {campaign.recipients}.")
        say(f"See how it goes: ukebrev campaign status {campaign.pk} --watch")


def _launch(order: Any, recipients: int, *, yes: bool) -> Any:
    from mailer.cli.asking import confirm_number
    from mailer.cli.starting import probe_relay
    from mailer.sending import launch
    from mailer.sending.workers import any_worker

    probe_relay()
    if not yes:
        confirm_number(recipients)
    campaign = launch.create_campaign(order)
    launch.launch(campaign.pk, by=order.by)
    campaign.refresh_from_db()
    if not any_worker():
        note("Nothing is sent yet: no worker is running. `make run` starts one, which takes up this campaign at once.")
    return campaign


def _show_plan(planned: Any, issue: Any, before: dict[int, int], *, as_json: bool) -> None:
    if as_json:
        print_json({**planned.as_json(), "got_before": {str(number): people for number, people in before.items()}})
        return
    say(f"{issue.slug} would go to {planned.in_words()}")
    for number, people in before.items():
        say(f"{people} of them got this issue before, in campaign {number}.")
    print_table(
        ["Segment", "Language", "Recipients", "Sections"],
        [
            [", ".join(v.segment.interests) or "everything", v.segment.language, v.segment.recipients, len(v.sections)]
            for v in planned.variants
        ],
        numbers=["Recipients", "Sections"],
    )


@app.command("status")
def status(
    campaign: Annotated[int | None, typer.Argument(help="Its number. Default: the newest.", show_default=False)] = None,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, with a bar, until it is done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how a campaign stands: totals that add up, each segment, and why mails were not delivered.

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
    from mailer.results.campaigns import totals

    last = None
    with progress_bar() as bar:
        task = bar.add_task(f"Campaign {campaign.pk}", total=campaign.recipients)
        while True:
            campaign.refresh_from_db()
            now = totals(campaign)
            bar.update(task, completed=now.done, total=now.recipients)
            line = f"{now.done} of {now.recipients} done, {now.deferred} waiting for another try{_held(campaign)}"
            if bar.disable and line != last:
                note(line)
            last = line
            if campaign.status not in {campaign.Status.LAUNCHING, campaign.Status.SENDING}:
                return
            time.sleep(WATCH_SECONDS)


def _held(campaign: Any) -> str:
    return f"; held: {campaign.held_because}" if campaign.held_because else ""


def _show_report(told: Any) -> None:
    campaign, totals = told.campaign, told.totals
    say(f"Campaign {campaign.pk} of {campaign.issue.slug}: {campaign.status}{_held(campaign)}")
    left_out = ", ".join(f"{number} {reason}" for reason, number in campaign.left_out.items())
    say(
        f"{campaign.candidates} candidates, {totals.recipients} recipients{f' (left out: {left_out})' if left_out else ''}"
    )
    say(
        f"{totals.sent} sent, {totals.pending + totals.sending} to go, {totals.deferred} deferred, "
        f"{totals.failed} failed, {totals.skipped} skipped"
    )
    print_table(
        ["Segment", "Language", "Recipients", "Sent", "Sections"],
        [
            [
                ", ".join(result.variant.interests) or "everything",
                result.variant.language,
                result.recipients,
                result.sent,
                " ".join(str(position + 1) for position in result.variant.sections),
            ]
            for result in told.variants
        ],
        numbers=["Recipients", "Sent"],
    )
    for position, heading in told.headings.items():
        say(f"{position + 1:>4}. {heading}")
    for reason, number in told.reasons.items():
        say(f"{number} {reason}")


@app.command("list")
def list_campaigns(*, as_json: AsJson = False) -> None:
    """List the campaigns, the newest first.

    Example: `ukebrev campaign list`
    """
    with house():
        from mailer.results.campaigns import overview

        rows = overview()
    if as_json:
        print_json(rows)
        return
    print_table(
        ["#", "Issue", "Status", "Recipients", "Launched"],
        [[r["campaign"], r["issue"], r["status"], r["recipients"], moment(r["launched_at"])] for r in rows],
        numbers=["#", "Recipients"],
    )


Number = Annotated[int, typer.Argument(help="The campaign's number.", show_default=False)]


@app.command("pause")
def pause(campaign: Number, *, as_json: AsJson = False) -> None:
    """Begin no new message; what is on the wire is ended. `campaign resume` goes on.

    Example: `ukebrev campaign pause 12`
    """
    _control("pause", campaign, as_json=as_json)


@app.command("resume")
def resume(campaign: Number, *, as_json: AsJson = False) -> None:
    """Go on with a campaign that was paused.

    Example: `ukebrev campaign resume 12`
    """
    _control("resume", campaign, as_json=as_json)


@app.command("cancel")
def cancel(campaign: Number, *, as_json: AsJson = False) -> None:
    """End a campaign for good: whoever has not got the letter does not get it. If in doubt, pause instead.

    Example: `ukebrev campaign cancel 12`
    """
    _control("cancel", campaign, as_json=as_json)


def _control(verb: Literal["pause", "resume", "cancel"], number: int, *, as_json: bool) -> None:
    with house(queue=True):
        from mailer.cli.finding import find_campaign
        from mailer.results.campaigns import totals
        from mailer.sending import control

        acts = {"pause": control.pause, "resume": control.resume, "cancel": control.cancel}
        acts[verb](find_campaign(number).pk, by=getpass.getuser())
        campaign = find_campaign(number)
        counted = totals(campaign)
    if as_json:
        print_json(
            {"campaign": number, "status": campaign.status, "sent": counted.sent, "recipients": counted.recipients}
        )
    else:
        say(
            f"Campaign {number} is {campaign.status}: {counted.sent} of {counted.recipients} sent, {counted.skipped} skipped."
        )


@app.command("deliveries")
def list_deliveries(
    campaign: Number,
    *,
    status: Annotated[str, typer.Option(help="pending, sending, sent, deferred, failed or skipped.")] = "",
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
        rows = deliveries(find_campaign(campaign), status=status, address_key=key, limit=limit)
    if as_json:
        print_json([row.as_json() for row in rows])
        return
    columns = ["Address", "Status", "Why", "Tries", "When"]
    print_table(
        columns,
        [[r.address, r.status, r.why, r.attempts, moment(r.finished_at)] for r in rows],
        numbers=["Tries"],
    )
