"""`ukebrev subscriber show | history | export-data | erase | allow | retention`: one person, and what is kept about people."""

from __future__ import annotations

import contextlib
import getpass
import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

import typer

from mailer.cli.output import AsJson, moment, note, print_json, print_table, say
from mailer.cli.starting import house

ADDRESS = Annotated[str, typer.Argument(help="The e-mail address.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the group of subscribers."""
    for command in (show, history, consent_log, export_data, erase, allow, retention):
        app.command()(command)


def show(address: ADDRESS, *, as_json: AsJson = False) -> None:
    """Show one person: where they stand, what they follow, what is known of them.

    Example: `ukebrev subscriber show kari@example.org`
    """
    with house():
        from mailer.cli.finding import find_subscriber
        from subscribers.privacy import about

        told = about(find_subscriber(address))
    person = told["person"] | {"interests": [row["interest__slug"] for row in told["interests"]]}
    if as_json:
        print_json(person)
        return
    print_table(["", ""], [[name.replace("_", " "), _cell(value)] for name, value in person.items() if _cell(value)])


def history(address: ADDRESS, *, as_json: AsJson = False) -> None:
    """Tell what happened to one person: consent, changes, letters, what came back; the oldest first.

    Example: `ukebrev subscriber history kari@example.org`
    """
    with house():
        from mailer.cli.finding import find_subscriber
        from mailer.results.person import happenings
        from subscribers.history import history as history_of

        person = find_subscriber(address)
        rows = history_of(person, happenings(person))
    if as_json:
        print_json([row.as_json() for row in rows])
        return
    print_table(
        ["When", "What", "Particulars", "Through", "By"],
        [[moment(r.at), r.what, r.detail, r.source, r.by] for r in rows],
    )


def consent_log(
    address: Annotated[str, typer.Argument(help="Of one person. Left out: everybody.")] = "",
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, which only you may read.", dir_okay=False)
    ] = None,
) -> None:
    """Export the consent log as proof (GDPR article 7(1)): one JSON object a line, the oldest first.

    Example: `ukebrev subscriber consent-log -o consent.jsonl`
    """
    with house(), contextlib.ExitStack() as left:
        from mailer.cli.finding import find_subscriber
        from mailer.results.person import as_plain
        from subscribers.history import consent_log as log_of
        from subscribers.history import whole_consent_log

        rows = log_of(find_subscriber(address)) if address else whole_consent_log()
        file = left.enter_context(_private(output)) if output else sys.stdout
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, default=as_plain) + "\n")


def export_data(
    address: ADDRESS,
    *,
    form: Annotated[
        Literal["json", "html"], typer.Option("--format", help="For a machine, or to read and print.")
    ] = "json",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, which only you may read.", dir_okay=False)
    ] = None,
    language: Annotated[str, typer.Option(help="Of the page: nb or en. Left out: the person's.")] = "",
) -> None:
    """Export everything that is kept about a person (GDPR articles 15 and 20), to be sent to that person.

    Example: `ukebrev subscriber export-data kari@example.org --format html -o kari.html`
    """
    with house():
        from mailer.cli.finding import find_subscriber
        from mailer.results import person as results
        from mailer.results import person_page
        from subscribers.signup import check_language

        person = find_subscriber(address)
        if form == "html":
            told_in = check_language(language or person.language)
            text = person_page.export_html(person, **_house_words(), language=told_in)
        else:
            text = json.dumps(results.export(person), ensure_ascii=False, indent=2, default=results.as_plain) + "\n"
    if output is None:
        sys.stdout.write(text)
        return
    with _private(output) as file:
        file.write(text)
    note(f"Written to {output}. It is about a person: send it to nobody else, and delete it when it is sent.")


def erase(
    address: ADDRESS,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase everything about a person who asked for that (GDPR article 17). It can't be taken back.

    A keyed hash of the address stays, so that no import brings them back.

    Example: `ukebrev subscriber erase kari@example.org`
    """
    with house():
        from mailer.cli.finding import find_subscriber
        from mailer.feedback.erasing import erase as erase_everywhere

        person = find_subscriber(address)
        if not yes and sys.stdin.isatty():
            _confirm(person.address)
        done = erase_everywhere(person.pk, source="cli", by=getpass.getuser())
    if as_json:
        print_json({"erased": done})
    else:
        say("Erased. A keyed hash of the address is all that is left.")


def allow(address: ADDRESS, *, as_json: AsJson = False) -> None:
    """Forget that an address was erased, so that you may add it, because its owner asked for that. Nobody is added by this.

    Whoever signs up and confirms by themselves needs no such leave.

    Example: `ukebrev subscriber allow kari@example.org`
    """
    with house():
        from subscribers.privacy import lift

        lifted = lift(address)
    if as_json:
        print_json({"lifted": lifted})
    else:
        say("This address may be added again." if lifted else "This address was not erased: there is nothing to allow.")


def retention(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be done, and do nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Apply the rules of how long things are kept, as happens every day anyway, and tell in numbers what was done.

    Example: `ukebrev subscriber retention --dry-run`
    """
    with house():
        from mailer.feedback.clean_up import clean_up

        outcomes = clean_up(by=getpass.getuser(), really=not dry_run)
    if as_json:
        print_json([outcome.as_json() for outcome in outcomes])
        return
    print_table(["Rule", "What it does", "Number"], [[o.rule, o.says, o.number] for o in outcomes], numbers=["Number"])


def _private(path: Path) -> TextIO:
    """Open a file for writing that is unreadable for others before anything is in it, also when it was there before."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    return path.open("w", encoding="utf-8")


def _confirm(address: str) -> None:
    typed = typer.prompt("This can't be taken back. Type the address again to erase it", err=True)
    if typed.strip().casefold() != address.casefold():
        note(f"You typed {typed}, and not {address}. Nothing was erased.")
        raise typer.Exit(2)


def _house_words() -> dict[str, str]:
    from email.utils import parseaddr

    from django.conf import settings

    from mailer.sending.letterhead import configured_theme

    return {
        "organisation": configured_theme().sender.name,
        "contact": parseaddr(settings.MAIL_REPLY_TO or settings.MAIL_FROM)[1],
    }


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {said}" for name, said in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if hasattr(value, "tzinfo"):
        return moment(value)
    return "" if value is None else str(value)
