"""`ukebrev campaign`: dispatches of an issue to an audience."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any, Literal

import typer

from mailer.cli import campaign_control, campaign_status
from mailer.cli.output import AsJson, moment, note, print_json, print_table, say, tell
from mailer.cli.starting import house
from mailer.cli.words import comma_list

# Of the campaigns of an issue the latest are told by number.
_MOST_BEFORE = 5

app = typer.Typer(help="Dispatches of an issue to an audience.", no_args_is_help=True)


AUDIENCE = Annotated[
    str | None,
    typer.Option(
        help="Interests, with commas between, or the name of an audience. Left out: the whole list.", show_default=False
    ),
]
MATCH = Annotated[Literal["any", "all"], typer.Option(help="Whether one of the interests is enough.")]
LANGUAGE = Annotated[str, typer.Option(help="Only readers of this language: nb or en.")]
EXCLUDE = Annotated[str, typer.Option(help="Leave out who follows one of these interests.")]
ONLY_FOLLOWERS = Annotated[
    bool, typer.Option("--only-followers", help="Leave out who follows no interest, and so gets everything.")
]
SENDER = Annotated[str, typer.Option("--from", help="`Our name <letter@example.org>`. Default: the setting MAIL_FROM.")]
GOT = Annotated[int | None, typer.Option(metavar="CAMPAIGN", help="A correction: only to those who got that campaign.")]
LETTERS = Annotated[str, typer.Option(help="With --got: only who got one of these letters, by number: 1,3.")]
MISSED = Annotated[
    int | None,
    typer.Option(metavar="CAMPAIGN", help="Only to those whom that campaign did not reach, and surely not."),
]
FIRST_PERCENT = Annotated[
    float, typer.Option(min=0, max=50, help="So many in a hundred get it first; the rest waits to see how they fare.")
]
FIRST_TO = Annotated[str | None, typer.Option(help="These addresses in the audience get it first: your colleagues'.")]
# A day: after that the letter is another week's.
WAIT = Annotated[
    int | None, typer.Option(min=0, max=24 * 60, help="How many minutes the rest waits for the first: 15 if not said.")
]
_WAIT_MINUTES = 15
AGAIN = Annotated[
    bool, typer.Option("--again", help="Send it though the same people are getting it, or got it moments ago.")
]
DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="Show who would get what, and send nothing.")]
YES = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command("send")
def send(
    issue: Annotated[str, typer.Argument(metavar="ISSUE", help="Its number or its slug.")],
    *,
    audience: AUDIENCE = None,
    match: MATCH = "any",
    language: LANGUAGE = "",
    exclude: EXCLUDE = "",
    only_followers: ONLY_FOLLOWERS = False,
    sender: SENDER = "",
    got: GOT = None,
    letters: LETTERS = "",
    missed: MISSED = None,
    first_percent: FIRST_PERCENT = 0,
    first_to: FIRST_TO = None,
    wait: WAIT = None,
    again: AGAIN = False,
    dry_run: DRY_RUN = False,
    yes: YES = False,
    as_json: AsJson = False,
) -> None:
    """Send an issue to the people of an audience, each getting the sections that match their interests.

    Example: `ukebrev campaign send uke-45-2021 --audience students,businesses --dry-run`
    """
    with house():
        from mailer.cli.asking import asked_audience
        from mailer.cli.finding import find_issue
        from mailer.sending import planning

        with _or_nothing():
            people = asked_audience(
                audience, match=match, language=language, exclude=exclude, only_followers=only_followers
            )
            order = planning.Order(
                issue=find_issue(issue),
                audience=people,
                sender=planning.sender_named(sender),
                by=getpass.getuser(),
                people_of=_people_of(got, missed, letters),
                canary=_canary(first_percent, first_to, wait),
                again=again,
            )
        _carry_out(order, dry_run=dry_run, yes=yes, as_json=as_json)


@contextmanager
def _or_nothing() -> Iterator[None]:
    """Let whatever refuses a launch end with the sentence that there is none."""
    try:
        yield
    except Exception as problem:
        problem.add_note("Nothing was launched.")
        raise


def _carry_out(order: Any, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    from mailer.results.campaigns import got_before
    from mailer.results.first_ones import first_ones
    from mailer.sending.first_readers import plan_order

    with _or_nothing():
        planned = plan_order(order)
        if dry_run or not as_json:
            _show_plan(planned, order, got_before(order.issue, order.audience), as_json=as_json)
    if dry_run:
        return
    campaign = _launch(order, planned.recipients, yes=yes)
    first = first_ones(campaign)
    if as_json:
        print_json(
            {
                "campaign": campaign.pk,
                "status": campaign.status,
                "recipients": campaign.recipients,
                "canary": first.as_json() if first else None,
            }
        )
    else:
        say(f"Campaign {campaign.pk} is launched to {campaign.recipients}.")
        if first:
            tell(first.in_words())
        say(f"See how it goes: ukebrev campaign status {campaign.pk} --watch")


def _people_of(got: int | None, missed: int | None, letters: str) -> Any:
    from mailer.cli.finding import find_campaign
    from mailer.models import Campaign
    from mailer.sending.planning import PeopleOf

    if got is not None and missed is not None:
        raise typer.BadParameter("Choose one of --got and --missed.")
    if letters and got is None:
        raise typer.BadParameter("--letters goes with --got.")
    if got is None and missed is None:
        return None
    try:
        numbers = tuple(int(number) for number in comma_list(letters))
    except ValueError:
        raise typer.BadParameter(
            "--letters are numbers with commas between, as `campaign status` lists them."
        ) from None
    earlier = find_campaign(got if got is not None else missed)
    return PeopleOf(earlier, Campaign.People.GOT if got is not None else Campaign.People.MISSED, numbers)


def _canary(percent: float, addresses: str | None, minutes: int | None) -> Any:
    from mailer.sending.planning import Canary, LaunchError
    from subscribers.addresses import normalise

    named = comma_list(addresses or "")
    if addresses is not None and not named:
        # Most likely a script's mistake, after which all would get it at once.
        raise LaunchError("--first-to names nobody. Leave the option out if nobody is to get it first.")
    if not percent and not named:
        if minutes is not None:
            raise LaunchError(
                "--wait tells how long the rest waits for the first: say with --first-percent or --first-to who they are."
            )
        return None
    if torn := [address for address in named if len(address.splitlines()) > 1]:
        raise LaunchError(
            f"There is a line break in what --first-to names: '{' '.join(torn[0].split())}'. Put commas between addresses."
        )
    return Canary(
        percent, tuple(normalise(address).wire for address in named), _WAIT_MINUTES if minutes is None else minutes
    )


def _launch(order: Any, recipients: int, *, yes: bool) -> Any:
    from mailer.cli.asking import confirm_number
    from mailer.cli.starting import probe_relay
    from mailer.sending import launch
    from mailer.sending.planning import LaunchError
    from mailer.sending.workers import any_worker

    with _or_nothing():
        probe_relay()
        if not yes:
            confirm_number(recipients)
        campaign = launch.create_campaign(order)
    try:
        launch.launch(campaign.pk, by=order.by)
    except LaunchError as problem:
        # Any other fault leaves it launching, and it is tried again by itself.
        problem.add_note("Nothing was launched.")
        raise
    campaign.refresh_from_db()
    if not any_worker():
        note("Nothing is sent yet: no worker is running. `make run` starts one, which takes up this campaign at once.")
    return campaign


def _show_plan(planned: Any, order: Any, before: dict[int, int], *, as_json: bool) -> None:
    from mailer.sending.first_readers import first_in_words

    if as_json:
        told_before = {str(number): people for number, people in before.items()}
        canary = asdict(order.canary) if order.canary else None
        print_json({**planned.as_json(), "got_before": told_before, "canary": canary})
        return
    tell(f"{order.issue.slug} would go to {planned.in_words()}")
    if order.canary:
        tell(first_in_words(order.canary, planned.recipients))
    if before:
        tell(_before_in_words(before))
    print_table(
        ["Segment", "Language", "Recipients", "Sections"],
        [
            [", ".join(v.segment.interests) or "everything", v.segment.language, v.segment.recipients, len(v.sections)]
            for v in planned.variants
        ],
        numbers=["Recipients", "Sections"],
    )


def _before_in_words(before: dict[int, int]) -> str:
    if len(before) == 1:
        ((number, people),) = before.items()
        return f"{people} of them got this issue before, or are about to, in campaign {number}."
    latest = [f"{people} in campaign {number}" for number, people in list(before.items())[-_MOST_BEFORE:]]
    earlier = len(before) - len(latest)
    more = f", and some in {earlier} earlier ones" if earlier else ""
    return f"Some of them got this issue before, or are about to: {', '.join(reversed(latest))}{more}."


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


campaign_status.register(app)
campaign_control.register(app)
