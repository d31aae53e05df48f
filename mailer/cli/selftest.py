"""`ukebrev selftest`: an administrator's crash drill, and its sum in plain words."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from mailer.cli.output import AsJson, note, print_json, progress_bar, say

if TYPE_CHECKING:
    from mailer.cli.drill.sum import Sum

KILLS = 2


def selftest(
    *,
    recipients: Annotated[int, typer.Option(min=50, max=20_000, help="So many made-up readers.")] = 200,
    seed: Annotated[int | None, typer.Option(help="Of an earlier drill, to run it again.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Send to made-up readers of a mail server on this machine, kill workers meanwhile, and count who got it. Takes under a minute.

    It has a database, a queue and a folder of its own, which are gone afterwards: your list and your relay are not touched.
    Exit code 1 if anybody did not get it, or more got it twice than is promised. Example: `ukebrev selftest`
    """
    from mailer.cli.drill.story import Drill, Script
    from mailer.cli.drill.strikes import Strike

    script = Script(recipients=recipients, strikes={Strike.KILL: KILLS}, trouble=0.0)
    number = secrets.randbelow(100_000) if seed is None else seed
    with progress_bar() as bar:
        task = bar.add_task("Starting servers and workers", total=recipients)
        drill = Drill(
            number,
            script,
            tell=lambda what: (
                bar.update(task, description=what) if not bar.disable else None if as_json else note(what)
            ),
            show=lambda through: bar.update(task, completed=through),
        )
        result = drill.run()
    if as_json:
        print_json(result.as_json())
    else:
        for line in in_words(result):
            say(line)
    if not result.is_well:
        raise typer.Exit(1)


def in_words(result: Sum) -> list[str]:
    """Return the sum in sentences: the first says it all, the others what is wrong."""
    from mailer.cli.drill.strikes import Strike

    got = "each got the letter" if not result.lost else f"{result.lost} did not get the letter"
    once = "" if result.repeated or result.lost else " once"
    kills = result.struck[Strike.KILL]
    killed = f"{kills} {'worker was' if kills == 1 else 'workers were'} killed"
    twice = f"{result.repeated} {'letter was' if result.repeated == 1 else 'letters were'} sent twice"
    lines = [f"{result.recipients} recipients: {got}{once}; {killed}; {twice}, {result.allowed} were allowed."]
    if result.repeated > result.allowed:
        lines.append("That is more than the promise allows.")
    lines += result.problems
    if result.is_well:
        lines.append(f"All is well. It took {result.seconds:.0f} seconds.")
    else:
        lines.append(f"Something is wrong. Run it again with --seed {result.seed}; the logs are in {result.folder}.")
    return lines
