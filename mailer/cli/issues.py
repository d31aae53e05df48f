"""`ukebrev issue`: the weekly updates."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailer.cli.output import AsJson, note, print_json, print_table, say
from mailer.cli.pictures import add_image
from mailer.cli.starting import house
from mailer.cli.words import comma_list

if TYPE_CHECKING:
    from mailer.results.issues import IssueRow

app = typer.Typer(help="The weekly updates: read, look at, export.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A text, Markdown, HTML or .docx file.", show_default=False)]
IssueName = Annotated[str, typer.Argument(metavar="ISSUE", help="Its number or its slug, as `issue list` shows them.")]
Words = Annotated[
    Path | None,
    typer.Option(
        "--interest-words", help="Your own table of words that suggest interests (TOML).", envvar="INTEREST_WORDS"
    ),
]
Week = Annotated[
    str, typer.Option(help="The week it is for, as 2021-W45. Default: the nearest week of the number in the title.")
]

app.command("add-image")(add_image)


@app.command("parse")
def parse(file: File, *, words: Words = None, as_json: AsJson = False) -> None:
    """Show what the importer finds in a file. Needs no database and stores nothing.

    Example: `ukebrev issue parse tests/data/uke-45.txt --json`
    """
    from mailer.cli.outline import print_outline
    from mailer.parsing.importing import parse_file
    from mailer.parsing.interests import load_interest_words
    from mailer.parsing.json_form import to_json

    parsed = parse_file(file, words=load_interest_words(words) if words else None)
    if as_json:
        print_json(to_json(parsed))
    else:
        print_outline(parsed)


@app.command("import")
def import_file(
    file: File,
    *,
    words: Words = None,
    week: Week = "",
    language: Annotated[str, typer.Option(help="What it is written in: nb or en. Default: as the file says.")] = "",
    translation_of: Annotated[
        str, typer.Option(metavar="ISSUE", help="It is this issue in another language: its readers get it instead.")
    ] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of the translation that is there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a file into a draft issue. The same file for the same week is stored once.

    Example: `ukebrev issue import uke-45.txt --week 2021-W45`, and then
    `ukebrev issue import week-45.md --translation-of uke-45-2021 --language en`
    """
    from mailer.cli.outline import print_outline

    with house():
        from mailer.cli.finding import find_issue
        from mailer.models.importing import import_issue, import_translation

        main = find_issue(translation_of) if translation_of else None
        if main is None:
            imported = import_issue(file, words_file=words, week=week, language=language)
        else:
            imported = import_translation(file, main, words_file=words, language=language, may_replace=replace)
    if as_json:
        print_json(
            {
                "id": imported.issue.pk,
                "slug": imported.issue.slug,
                "is_new": imported.is_new,
                "translation_of": main.slug if main else None,
                "sections": len(imported.parsed.sections),
                "unsure": len(imported.parsed.unsure),
            }
        )
        return
    if not imported.is_new:
        say(f"This text was imported before, as {imported.issue.slug}. Nothing was changed.")
        return
    print_outline(imported.parsed)
    slug = imported.issue.slug
    if main is None:
        say(f"Imported as {slug}. Look at it: ukebrev issue preview {slug}")
    else:
        say(f"Imported as {slug}, the translation of {main.slug} into '{imported.issue.language}'.")
        say(f"Look at it: ukebrev issue preview {main.slug} --language {imported.issue.language}")


@app.command("list")
def list_issues(*, as_json: AsJson = False) -> None:
    """List the issues, the newest first.

    Example: `ukebrev issue list`
    """
    with house():
        from mailer.results.issues import overview

        rows = overview()
    if as_json:
        print_json([row.as_json() for row in rows])
        return
    print_table(
        ["#", "Issue", "Week", "Language", "Status", "Sections", "Sent"],
        [[r.number, r.slug, r.week, _language(r), r.status, r.sections, r.campaigns] for r in rows],
        numbers=["#", "Sections", "Sent"],
    )


def _language(row: IssueRow) -> str:
    return f"{row.language}, for {row.translation_of}" if row.translation_of else row.language


@app.command("show")
def show(issue: IssueName, *, as_json: AsJson = False) -> None:
    """Show an issue: its parts and sections, for whom each is, and what the importer was unsure of.

    Example: `ukebrev issue show uke-45-2021`
    """
    from mailer.cli.outline import print_outline
    from mailer.parsing.json_form import to_json

    with house():
        from mailer.cli.finding import find_issue
        from mailer.models.parsed import parsed_issue

        record = find_issue(issue)
        parsed = parsed_issue(record, with_report=True)
        main = record.translation_of.slug if record.translation_of else None
        translations = {each.language: each.slug for each in record.translations.order_by("language")}
    if as_json:
        known = {"id": record.pk, "slug": record.slug, "status": record.status}
        print_json({**known, "translation_of": main, "translations": translations, **to_json(parsed)})
        return
    print_outline(parsed)
    if main:
        say(f"It is the translation of {main} into '{record.language}'.")
    for language, slug in translations.items():
        say(f"Its translation into '{language}' is {slug}.")


@app.command("export")
def export(
    issue: IssueName,
    *,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print an issue as Markdown with front matter: the form to keep in git. Importing it again gives the same issue.

    Example: `ukebrev issue export uke-45-2021 -o uke-45.md`
    """
    from mailer.parsing.export import to_markdown

    with house():
        from mailer.cli.finding import find_issue
        from mailer.models.parsed import parsed_issue

        record = find_issue(issue)
        markdown = to_markdown(parsed_issue(record))
    if output is not None:
        output.write_text(markdown, encoding="utf-8", newline="")
        note(f"Wrote {output}.")
    if as_json:
        print_json({"slug": record.slug, "markdown": markdown})
    elif output is None:
        typer.echo(markdown, nl=False)


@app.command("preview")
def preview(
    issue: IssueName,
    *,
    interest: Annotated[
        str, typer.Option("--interest", "--interests", help="What the reader follows; none means everything.")
    ] = "",
    language: Annotated[str, typer.Option(help="The reader's language, nb or en. Default: the issue's.")] = "",
    every: Annotated[bool, typer.Option("--all", help="One for each combination of interests.")] = False,
    text: Annotated[bool, typer.Option("--text", help="Print the plain-text version instead.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The folder to write to. Default: previews in var/.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the letter as a reader with these interests sees it to an HTML file, and print where it lies.

    Example: `ukebrev issue preview uke-45-2021 --interest students`
    """
    with house():
        from mailer.cli.finding import find_issue
        from mailer.sending.letterhead import theme_problem
        from mailer.sending.preview import previews, write_preview

        if problem := theme_problem():
            note(f"Your own templates are not used as they are: {problem}")
        record = find_issue(issue)
        wanted = None if every else comma_list(interest)
        shown = previews(record, interests=wanted, language=language)
        written = {} if text else {item: write_preview(record, item, output) for item in shown}
    if as_json:
        files = {item: str(path) for item, path in written.items()}
        print_json([{**item.as_json(), "file": files.get(item)} for item in shown])
    elif text:
        say("\n\n".join(item.text for item in shown))
    else:
        for item, path in written.items():
            say(f"{item.label}: {path}")
        note(
            "The file holds its pictures; links to calendars and to other pages of ours work once the letter is sent and the site runs."
        )
