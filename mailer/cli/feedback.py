"""`ukebrev feedback`: what came back by mail."""

from __future__ import annotations

import sys
from email import message_from_bytes, policy
from pathlib import Path
from typing import Annotated

import typer

from mailer.cli.output import notices
from mailer.cli.starting import house

app = typer.Typer(help="What came back by mail.", no_args_is_help=True)


@app.callback()
def feedback() -> None:
    """What came back by mail."""


@app.command("read-mail")
def read_mail(file: Annotated[Path, typer.Argument(help="A message (RFC 5322), or - for standard input.")]) -> None:
    """Take the sender of an unsubscribe mail off the list, by the token in its subject.

    For a mail server's pipe. The mail is what mail programs send for the mailto: in List-Unsubscribe.
    """
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    subject = str(message_from_bytes(content, policy=policy.default).get("Subject", ""))
    with house():
        from mailer.cli.finding import NotFoundError
        from mailer.feedback.unsubscribes import leave, read_unsubscribe_mail
        from subscribers.tokens import TokenError

        try:
            holder = read_unsubscribe_mail(subject)
        except TokenError as problem:
            raise NotFoundError(str(problem)) from None
        person = leave(holder, source="mail")
        notices.print("They are off the list." if person else "Nobody of that token is known any more.")
