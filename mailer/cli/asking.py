"""Questions to a person at a terminal. A script is never asked: its command line is its word, and for what ends a campaign `--yes` is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

import typer

from mailer.cli.output import note, prose
from mailer.cli.words import comma_list

if TYPE_CHECKING:
    from subscribers.audience_filter import Audience


def asked_audience(
    named: str | None, *, match: Literal["any", "all"], language: str, exclude: str, only_followers: bool
) -> Audience:
    """Return the audience that options name: interests, or an audience under a name, which then stands alone.

    Left out, `named` means everybody; given and empty, it is most likely a script's mistake. Raises AudienceError for a name of nothing.
    """
    from subscribers.audience_filter import Audience

    interests = comma_list(named or "")
    if named is not None and not interests:
        raise typer.BadParameter(
            "it is empty. Leave the option out to send to the whole list.", param_hint="--audience"
        )
    if named is not None and _is_saved(named.strip(), interests):
        if match != "any" or language or exclude or only_followers:
            raise typer.BadParameter(
                "an audience under a name says everything itself. Leave out --match, --language, --exclude and"
                " --only-followers, or keep another audience with `ukebrev audience count … --save NAME`.",
                param_hint="--audience",
            )
        from subscribers.saved_audiences import audience_named

        return Audience.from_json(audience_named(named.strip()).filter)
    return Audience(
        interests=interests,
        match=match,
        language=language,
        excluded=comma_list(exclude),
        only_followers=only_followers,
    )


def _is_saved(name: str, interests: tuple[str, ...]) -> bool:
    """Tell whether a name is that of an audience. What is neither an interest nor an audience is told with what there is of both."""
    from subscribers.audience_filter import AudienceError
    from subscribers.models import Interest
    from subscribers.saved_audiences import has_name, saved

    is_saved = has_name(name)
    slugs = list(Interest.objects.values_list("slug", flat=True))
    if is_saved and name in slugs:
        raise AudienceError(
            f"'{name}' is both an interest and an audience. Give the audience another name: ukebrev audience rename {name} NAME"
        )
    if not is_saved and interests == (name,) and name not in slugs:
        kept = ", ".join(audience.slug for audience in saved()) or "none yet"
        raise AudienceError(
            f"There is no interest '{name}', and no audience of that name."
            f" Interests: {', '.join(slugs) or 'none yet'}. Audiences: {kept}."
        )
    return is_saved


def confirm_number(recipients: int) -> None:
    """Let a person type how many will get mail before it is sent; anything else stops the command."""
    if not sys.stdin.isatty():
        return
    typed = typer.prompt(f"A letter that is sent can't be called back. Type {recipients} to send it", err=True)
    if "".join(letter for letter in typed if letter.isdigit()) != str(recipients):
        note(f"You typed {typed}. The letter goes to {recipients}. Nothing was sent.")
        raise typer.Exit(2)


def confirm_end(what_it_ends: str, question: str) -> None:
    """Let a person agree to what can't be taken back. A script, which can't be asked, has to say `--yes`; else the command stops."""
    if not sys.stdin.isatty():
        note(prose(f"{what_it_ends} Nobody can be asked here: say `--yes` if that is meant. Nothing was changed."))
        raise typer.Exit(2)
    note(prose(what_it_ends))
    if not typer.confirm(question, err=True):
        note("Nothing was changed.")
        raise typer.Exit(2)
