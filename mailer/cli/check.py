"""`ukebrev issue check`: the preflight of an issue, or of a file that no database knows yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailer.cli.output import AsJson, answers, note, print_json, say
from mailer.cli.starting import house

if TYPE_CHECKING:
    from mailer.checking.findings import Finding
    from mailer.checking.material import Context
    from mailer.parsing.issue import ParsedIssue
    from mailer.rendering.letter import InterestName

_STYLES = {"error": "bold red", "warning": "bold yellow", "advice": "bold"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed beside the issue, read."""

    language: str
    sends: date | None
    last: date | None
    links: bool


Checked = Annotated[
    str,
    typer.Argument(metavar="ISSUE|FILE", help="An issue's number or slug, or a file to import.", show_default=False),
]
Words = Annotated[
    Path | None,
    typer.Option("--interest-words", help="For a FILE: your table of words (TOML).", envvar="INTEREST_WORDS"),
]


def check(
    what: Checked,
    *,
    links: Annotated[bool, typer.Option("--links", help="Try each link on the network.")] = False,
    sends: Annotated[str, typer.Option(metavar="DATE", help="The day it goes out, as 2021-11-12.")] = "",
    last: Annotated[str, typer.Option(metavar="DATE", help="The day the last reader gets it, for a slow send.")] = "",
    week: Annotated[str, typer.Option(help="For a FILE: the week it is for, as 2021-W45.")] = "",
    interest: Annotated[
        str, typer.Option("--interest", "--interests", help="For an ISSUE: only for who follows these; default: all.")
    ] = "",
    language: Annotated[str, typer.Option(help="The language of the findings: nb or en.")] = "nb",
    words: Words = None,
    as_json: AsJson = False,
) -> None:
    """Show what should be mended before an issue is sent. Stores nothing; a FILE needs no database.

    Exit codes: 0 nothing that stops the letter, 1 an error was found, 2 wrong input.

    Example: `ukebrev issue check uke-45-2021 --links`
    """
    _check_language(language)
    asked = _Asked(language, _read_day(sends), _read_day(last), links)
    found = (
        _check_file(Path(what), asked, week=week, words=words)
        if _is_file(what)
        else _check_issue(what, asked, interest=interest)
    )
    if as_json:
        print_json([finding.as_json() for finding in found])
    else:
        _print(found, language)
    if any(finding.level == "error" for finding in found):
        raise typer.Exit(1)


def _check_issue(name: str, asked: _Asked, *, interest: str) -> list[Finding]:
    with house():
        from mailer.checking.inputs import context_of
        from mailer.cli.finding import find_issue
        from mailer.cli.words import comma_list
        from mailer.models.parsed import parsed_issue
        from mailer.parsing.export import with_export_lines
        from mailer.sending.letterhead import interest_names
        from subscribers.audiences import Audience

        record = find_issue(name)
        context = context_of(record, audience=Audience(interests=comma_list(interest)))
        # Its source is not what an editor can mend; the export is.
        parsed = with_export_lines(parsed_issue(record, with_report=True))
        parsed = replace(parsed, unsure=tuple(replace(doubt, line=0) for doubt in parsed.unsure))
        return _examine(parsed, interest_names(), context, asked)


def _check_file(file: Path, asked: _Asked, *, week: str, words: Path | None) -> list[Finding]:
    from mailer.parsing.events import suggest_events
    from mailer.parsing.importing import is_written_for_us, parse_source
    from mailer.parsing.interests import load_interest_words
    from mailer.parsing.source import read_source

    source = read_source(file)
    parsed = parse_source(source, words=load_interest_words(words) if words else None)
    _set_django_up()
    from mailer.checking.material import Context

    parsed = _in_week(parsed, week)
    if not is_written_for_us(source):
        # Only now that the year is known: "17. november" is a date in it.
        parsed = suggest_events(parsed)
    return _examine(parsed, _names_in(parsed), Context(source=source.text), asked)


def _in_week(parsed: ParsedIssue, week: str) -> ParsedIssue:
    """The issue with its year, by the rule of importing."""
    from django.utils import timezone

    from mailer.models.weeks import nearest_year, read_week

    if week:
        year, number = read_week(week)
        return replace(parsed, year=year, week=number)
    if parsed.week is not None and parsed.year is None:
        return replace(parsed, year=nearest_year(parsed.week, timezone.localdate()))
    return parsed


def _names_in(parsed: ParsedIssue) -> list[InterestName]:
    """The interests that a file names, with the names that a new installation gives them."""
    from mailer.rendering.letter import InterestName
    from subscribers.interests import DEFAULTS

    names = {slug: {"nb": nb, "en": en} for slug, nb, en in DEFAULTS}
    used = dict.fromkeys(slug for section in parsed.sections for slug in section.interests)
    return [InterestName(slug, names.get(slug, {})) for slug in used]


def _examine(parsed: ParsedIssue, interests: Sequence[InterestName], context: Context, asked: _Asked) -> list[Finding]:
    from django.conf import settings
    from django.utils import timezone

    from mailer.checking.inputs import sending_day
    from mailer.checking.preflight import examine, web_links
    from mailer.checking.reaching import reach
    from mailer.sending.letterhead import configured_theme, theme_problem, theme_refusal
    from mailer.sending.links import calendar_addresses

    sends = asked.sends or sending_day(parsed, timezone.localdate())
    note(
        f"Checked as if it went out on {sends}; --sends names another day."
        if sends
        else "Checked as if it went out in its own week; --sends names a day."
    )
    addresses = calendar_addresses(parsed)
    context = replace(
        context,
        language=asked.language,
        sends=sends,
        last_reader=asked.last,
        reached=reach(web_links(parsed)) if asked.links else {},
        theme_problem=theme_problem(),
        theme_worked=not theme_refusal(),
        time_zone=settings.TIME_ZONE,
        options=replace(context.options, site_url=settings.SITE_URL, calendar_url=lambda *place: addresses[place]),
    )
    return examine(parsed, theme=configured_theme(), interests=interests, context=context)


def _is_file(what: str) -> bool:
    """Whether a word means a file: there is one, or it looks like the path of one. A slug has neither dot nor slash."""
    return "/" in what or "." in what or Path(what).is_file()


def _set_django_up() -> None:
    """Read the settings: no server is started for a file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.settings")
    import django

    django.setup()


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"'{text}' is not a day. Write it like this: 2021-11-12.") from None


def _check_language(language: str) -> None:
    from mailer.checking.findings import LANGUAGES

    if language not in LANGUAGES:
        raise typer.BadParameter(f"There are no findings in '{language}'. There are: {', '.join(LANGUAGES)}.")


def _print(found: Sequence[Finding], language: str) -> None:
    """Findings for people, the worst first."""
    from mailer.checking.findings import LEVELS, term

    for level in LEVELS:
        of_level = [finding for finding in found if finding.level == level]
        if of_level:
            answers.print(f"{term(f'level-{level}', language)} ({len(of_level)})", style=_STYLES[level])
        for finding in of_level:
            say(f"\n  {_where(finding, language)}\n  {finding.what}\n  {finding.why} {finding.remedy}")
        if of_level:
            say("")
    if not found:
        say(term("nothing", language))


def _where(finding: Finding, language: str) -> str:
    """The finding's place, in words, with its code for scripts."""
    from mailer.checking.findings import term

    whole = term("whole", language)
    section = finding.section.heading or term("no-heading", language) if finding.section else whole
    line = f", {term('line', language)} {finding.line}" if finding.line else ""
    return f"{section}{line} [{finding.code}]"
