"""`ukebrev campaign status` and `deliveries`: how a campaign stands, and who got it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from mailer.cli.campaign_control import maybe_in_words
from mailer.cli.campaign_watch import NO_WORKER, nobody_works, pace, watch_campaign
from mailer.cli.output import AsJson, moment, print_json, print_table, say, tell
from mailer.cli.starting import house

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
            watch_campaign(record)
        told = report(record)
        is_left_alone = nobody_works(record)
    if as_json:
        print_json(told.as_json() | {"no_worker": is_left_alone})
    else:
        _show_report(told, is_left_alone=is_left_alone)
    if told.totals.failed:
        raise typer.Exit(1)


def _show_report(told: Any, *, is_left_alone: bool) -> None:
    campaign, totals = told.campaign, told.totals
    say(f"Campaign {campaign.pk} of {campaign.issue.slug}: {campaign.status}")
    left_out = ", ".join(f"{number} {reason}" for reason, number in campaign.left_out.items())
    say(
        f"{campaign.candidates} candidates, {totals.recipients} recipients{f' (left out: {left_out})' if left_out else ''}"
    )
    for sentence in (*([NO_WORKER] if is_left_alone else ()), *_what_is_up(told)):
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
    if told.progress.rate and not is_left_alone:
        say(pace(told.progress))
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
        yield f"{'Last held' if told.campaign.status == told.campaign.Status.CANCELLED else 'Held'}: {told.held}"
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
    address: Annotated[str | None, typer.Option(help="Only this person: did Kari get it?")] = None,
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

        # Given and empty it is refused as an address is: whoever asks for one person must not be told of all.
        key = "" if address is None else normalise(address).key
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
