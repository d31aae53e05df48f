"""`ukebrev issue accept`: what the importer suggested becomes part of an issue."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from mailer.cli.output import AsJson, print_json, say
from mailer.cli.starting import house
from mailer.cli.words import comma_list

_ONE_AND_MORE = {
    "headings": ("heading", "headings"),
    "cuts": ("cut", "cuts"),
    "interests": ("section's interests", "sections' interests"),
    "events": ("event", "events"),
}


def accept(
    issue: Annotated[str, typer.Argument(metavar="ISSUE", help="Its number or its slug.", show_default=False)],
    *,
    only: Annotated[
        str, typer.Option(help="Of these kinds only: headings, cuts, interests, events, with commas between.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Accept what the importer suggested: headings are then shown in letters, and events stand as cards in their sections.

    Example: `ukebrev issue accept uke-45-2021 --only headings,interests`
    """
    kinds = comma_list(only) or list(_ONE_AND_MORE)
    for kind in kinds:
        if kind not in _ONE_AND_MORE:
            raise typer.BadParameter(
                f"There are no suggestions called '{kind}'. There are: {', '.join(_ONE_AND_MORE)}.", param_hint="--only"
            )
    with house():
        from mailer.cli.finding import find_issue
        from mailer.models.suggestions import accept_suggestions

        record = find_issue(issue)
        accepted = accept_suggestions(record, **{kind: kind in kinds for kind in _ONE_AND_MORE})
    counts = asdict(accepted)
    if as_json:
        print_json({"slug": record.slug, **counts})
        return
    told = [f"{count} {_ONE_AND_MORE[kind][count > 1]}" for kind, count in counts.items() if count]
    if not told:
        say(f"There was nothing left to accept in {record.slug}.")
        return
    say(f"Accepted in {record.slug}: {', '.join(told)}. Look at it: ukebrev issue preview {record.slug}")
