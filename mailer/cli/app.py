"""The command and its groups; and the one place where what went wrong becomes a sentence and an exit code."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from mailer.cli import (
    audiences,
    campaigns,
    exporting,
    feedback,
    fields,
    importing,
    interests,
    issues,
    machine,
    people,
    relays,
    subscribers,
)
from mailer.cli.accepting import accept
from mailer.cli.check import check
from mailer.cli.faults import FAILED, sentence_and_code
from mailer.cli.output import notices
from mailer.cli.selftest import selftest
from mailer.cli.signup_form import signup_form

# What shells say of a program that Ctrl-C ended: 128 and the number of the signal.
STOPPED = 130

app = typer.Typer(
    name="ukebrev",
    help="Turns a weekly update into responsive e-mail, and sends it to the people who asked for it.",
    epilog="Exit codes: 0 done, 1 failed, 2 wrong input. Start with `ukebrev doctor` or `make demo`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.add_typer(issues.app, name="issue")
app.add_typer(campaigns.app, name="campaign")
app.add_typer(subscribers.app, name="subscriber")
app.add_typer(audiences.app, name="audience")
app.add_typer(interests.app, name="interest")
app.add_typer(fields.app, name="field")
app.add_typer(relays.app, name="relay")
people.register(subscribers.app)
importing.register(subscribers.app)
exporting.register(subscribers.app)
app.add_typer(feedback.app, name="feedback")
app.command("signup-form")(signup_form)
app.command("selftest")(selftest)
issues.app.command("check")(check)
issues.app.command("accept")(accept)
machine.register(app)


def run() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    code = 0
    try:
        # Not in Typer's own mode, which answers wrong words in the English of its libraries.
        code = app(prog_name="ukebrev", standalone_mode=False) or 0
    except BrokenPipeError:
        # The reader of our output has seen enough (`| head`).
        sys.stderr.close()
    except typer.Abort:
        code = FAILED
        notices.print("Stopped.")
    except Exception as problem:  # known faults get their sentence, all others are raised again
        sentence, code = sentence_and_code(problem)
        if sentence is None:
            raise
        if sentence:
            notices.print(sentence, style="red", markup=False, highlight=False)
    if code == STOPPED:
        notices.print("Stopped.")
    sys.exit(code)
