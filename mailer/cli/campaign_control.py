"""`ukebrev campaign pause`, `resume`, `cancel` and `uncertain`: what a person may do to a campaign under way."""

from __future__ import annotations

import getpass
from typing import Annotated, Any, Literal

import typer

from mailer.cli.output import AsJson, print_json, say, tell
from mailer.cli.starting import house

Number = Annotated[int, typer.Argument(help="The campaign's number.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (pause, resume, cancel, uncertain):
        app.command(command.__name__)(command)


def pause(campaign: Number, *, as_json: AsJson = False) -> None:
    """Begin no new message; what is on the wire is ended. `campaign resume` goes on.

    Example: `ukebrev campaign pause 12`
    """
    _control("pause", campaign, as_json=as_json)


def resume(campaign: Number, *, as_json: AsJson = False) -> None:
    """Go on with a campaign that was paused.

    Example: `ukebrev campaign resume 12`
    """
    _control("resume", campaign, as_json=as_json)


def cancel(
    campaign: Number,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. A script has to say it.")] = False,
    as_json: AsJson = False,
) -> None:
    """End a campaign for good: whoever has not got the letter does not get it. If in doubt, pause instead.

    Example: `ukebrev campaign cancel 12`
    """
    if not yes:
        _confirm_cancel(campaign)
    _control("cancel", campaign, as_json=as_json)


def _confirm_cancel(number: int) -> None:
    with house():
        from mailer.cli.asking import confirm_end
        from mailer.cli.finding import find_campaign
        from mailer.results.totals import totals

        campaign = find_campaign(number)
        # Of one that has ended nothing is left to ask about: the refusal tells so.
        if not campaign.TRANSITIONS[campaign.status]:
            return
        counted = totals(campaign)
        # Before it is launched to the end nobody is counted yet.
        recipients = counted.recipients or campaign.approved.get("recipients", 0)
        confirm_end(
            f"Cancelling ends campaign {number} for good: {counted.sent} of {recipients} have the letter, "
            f"{recipients - counted.done} have not and will not get it{_others(counted)}. "
            f"`ukebrev campaign pause {number}` only stops it for now.",
            f"End campaign {number}?",
        )


def _others(counted: Any) -> str:
    others = [f"{n} {what}" for n, what in ((counted.failed, "were refused"), (counted.skipped, "were skipped")) if n]
    return f" ({', '.join(others)} before)" if others else ""


def _control(verb: Literal["pause", "resume", "cancel"], number: int, *, as_json: bool) -> None:
    with house(queue=True):
        from mailer.cli.finding import find_campaign
        from mailer.results.campaigns import may_have_got_it
        from mailer.results.totals import progress, progress_at_rest
        from mailer.sending import control

        acts = {"pause": control.pause, "resume": control.resume, "cancel": control.cancel}
        acts[verb](find_campaign(number).pk, by=getpass.getuser())
        campaign = find_campaign(number)
        told = progress(campaign) if verb == "resume" else progress_at_rest(campaign)
        maybe = may_have_got_it(campaign, told)
    counted = told.totals
    if as_json:
        print_json(
            {
                "campaign": number,
                "status": campaign.status,
                "sent": counted.sent,
                "recipients": counted.recipients,
                "on_the_wire": counted.sending,
                "may_have_got_it": maybe,
            }
        )
        return
    failed = f", {counted.failed} failed" if counted.failed else ""
    say(
        f"Campaign {number} is {campaign.status}: {counted.sent} of {counted.recipients} sent{failed}, {counted.skipped} skipped."
    )
    if counted.sending and verb != "resume":
        are = "1 is" if counted.sending == 1 else f"{counted.sending} are"
        say(f"{are} on the wire just now, to be counted when the relay has answered.")
    if maybe:
        tell(maybe_in_words(maybe, number))


def maybe_in_words(people: int, number: int) -> str:
    """Say that some of those who were skipped may have a letter all the same."""
    return (
        f"{people} of the skipped may have got it: nobody could tell whether the relay had taken theirs. "
        f"`ukebrev campaign deliveries {number} --status skipped` lists them."
    )


def uncertain(
    campaign: Number,
    *,
    send: Annotated[
        bool | None,
        typer.Option("--send/--leave", help="Send to them again, or leave it at that. Neither: only show them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the deliveries of which nobody knows whether the relay took them, and decide about them.

    With UNCERTAIN=send, the default, they go again by themselves, and there is nothing to decide.
    Example: `ukebrev campaign uncertain 12 --send`
    """
    with house(queue=True):
        from mailer.cli.finding import find_campaign
        from mailer.results.deliveries import deliveries
        from mailer.sending.uncertain import leave, send_again

        record = find_campaign(campaign)
        rows = deliveries(record, status="uncertain", limit=1000)
        if send is not None:
            changed = send_again(record.pk) if send else leave(record.pk)
    if as_json:
        print_json({"campaign": campaign, "uncertain": [row.as_json() for row in rows], "decided": send is not None})
        return
    if send is None:
        for row in rows:
            say(f"{row.address}: {row.why}")
        say(f"{len(rows)} may or may not have got it. Decide with --send or --leave." if rows else "Nobody.")
    else:
        say(f"{changed} {'go again, with the same Message-ID' if send else 'are left as they are'}.")
