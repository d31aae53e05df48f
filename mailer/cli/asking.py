"""Questions to a person at a terminal. A script is never asked: its command line is its word."""

from __future__ import annotations

import sys

import typer

from mailer.cli.output import note
from mailer.cli.words import comma_list


def asked_interests(audience: str | None) -> tuple[str, ...]:
    """Return the interests that an option names. Left out, it means everybody; given and empty, it is most likely a script's mistake."""
    named = comma_list(audience or "")
    if audience is not None and not named:
        raise typer.BadParameter(
            "it is empty. Leave the option out to send to the whole list.", param_hint="--audience"
        )
    return named


def confirm_number(recipients: int) -> None:
    """Let a person type how many will get mail before it is sent; anything else stops the command."""
    if not sys.stdin.isatty():
        return
    typed = typer.prompt(f"A letter that is sent can't be called back. Type {recipients} to send it", err=True)
    if "".join(letter for letter in typed if letter.isdigit()) != str(recipients):
        note(f"You typed {typed}. The letter goes to {recipients}. Nothing was sent.")
        raise typer.Exit(2)
