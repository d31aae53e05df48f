"""`ukebrev subscriber import` and what belongs to it: a sheet of people in, its report out, and back again."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailer.cli.faults import FAILED
from mailer.cli.output import AsJson, note, notices, print_json, print_table, progress_bar, say
from mailer.cli.starting import house

if TYPE_CHECKING:
    from subscribers.importing.options import Options
    from subscribers.importing.running import Summary

_TOLD_IN_A_TERMINAL = 50
# Rows between two lines of progress where there is no terminal.
_A_LINE_EVERY = 100_000

REASONS_IN = Annotated[
    str, typer.Option("--reasons-in", help="The language of the reasons, nb or en. Left out: the organisation's, nb.")
]
Number = Annotated[int, typer.Argument(help="The import's number; `subscriber import-status` lists them.")]


def import_people(
    file: Annotated[Path, typer.Argument(help="A CSV or .xlsx file, as it comes.", exists=True, dir_okay=False)],
    *,
    basis: Annotated[
        str, typer.Option(help="A sentence: how you know that these people asked for the letter. Kept as the proof.")
    ] = "",
    merge: Annotated[
        str, typer.Option(help="For people on the list already: keep, overwrite or add-interests.")
    ] = "keep",
    interest: Annotated[list[str] | None, typer.Option(help="An interest for everyone in the sheet.")] = None,
    language: Annotated[str, typer.Option(help="For new people of whom the sheet says none.")] = "nb",
    column: Annotated[
        list[str] | None,
        typer.Option(help="What a column holds, as 'E-post=address', 'C=name' or '4=ignore'. May be repeated."),
    ] = None,
    all_are: Annotated[
        str, typer.Option(help="The whole sheet is of people who left: unsubscribed, bounced or complained.")
    ] = "",
    by: Annotated[str, typer.Option(help="Who imports, for the log.")] = "",
    good_rows_only: Annotated[bool, typer.Option(help="Import the good rows even if others can't be read.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only tell what would happen.")] = False,
    reasons_in: REASONS_IN = "",
    queue: Annotated[bool, typer.Option(help="Leave it to a worker, and print the import's number.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add people from a sheet. Who left, bounced, complained or is suppressed does not come back.

    Without --good-rows-only it is all or nothing: one row that can't be read, and nothing is imported. Exit code 1: nothing was.
    """
    language_of_reasons = _checked(reasons_in)
    with house(queue=queue):
        from subscribers.importing import running
        from subscribers.importing.sheets import Named

        options = _options(
            merge=merge,
            good_rows_only=good_rows_only,
            language=language,
            interests=tuple(interest or ()),
            columns=tuple(map(_correction, column or ())),
            all_are=all_are,
        )
        with file.open("rb") as opened:
            source = Named(opened, file.name)
            if dry_run:
                with _watched(as_json=as_json) as watch:
                    summary = running.look(source, options, watch)
                _answer(summary, as_json=as_json, dry_run=True, language=language_of_reasons)
                return
            kept = running.begin(source, options, basis=basis, by=by)
        if queue:
            _queue(kept.pk, as_json=as_json)
            return
        _run(kept.pk, as_json=as_json, language=language_of_reasons)


def run_again(number: Number, *, reasons_in: REASONS_IN = "", as_json: AsJson = False) -> None:
    """Run an import that was interrupted, from its beginning: nothing of it was written."""
    language = _checked(reasons_in)
    with house():
        _run(number, as_json=as_json, language=language)


def status(
    number: Annotated[int | None, typer.Argument(help="One import; without it, the latest 20.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show how far imports are, and what they did."""
    with house():
        from subscribers.importing.faults import ImportingError
        from subscribers.models import Import

        found = Import.objects.all() if number is None else Import.objects.filter(pk=number)
        told = [_import_json(kept) for kept in found[:20]]
        if number is not None and not told:
            raise ImportingError(f"There is no import {number}.")
        if as_json:
            print_json(told if number is None else told[0])
            return
        print_table(
            ("Import", "File", "Status", "Rows", "What"),
            [
                (t["import"], t["file"], t["status"], f"{t['rows_done']:,} of {t['rows_total']:,}", t["what"])
                for t in told
            ],
            numbers=("Import", "Rows"),
        )


def report(
    number: Number,
    to: Annotated[Path, typer.Option("--to", help="The file to write; its ending is set to that of the sheet.")] = Path(
        "import-report"
    ),
    *,
    reasons_in: REASONS_IN = "",
) -> None:
    """Write the sheet of an import back with a column that says what became of each row, and why, for whoever corrects it.

    Example: `ukebrev subscriber import-report 12 --to rapport --reasons-in nb`
    """
    language = _checked(reasons_in)
    with house():
        from subscribers.importing.report import write_report

        part = to.with_name(f"{to.name}.part")
        try:
            with part.open("wb") as opened:
                ending = write_report(number, opened, language or _house_language())
            written = part.replace(to if to.suffix == f".{ending}" else to.with_name(f"{to.name}.{ending}"))
        finally:
            part.unlink(missing_ok=True)
        say(f"Wrote {written}.")


def undo(number: Number, *, as_json: AsJson = False) -> None:
    """Undo an import: whom it added goes, what it changed comes back. Who was mailed or has acted since is kept."""
    with house():
        from subscribers.importing import undo as undoing

        done = undoing.undo(number, by=getpass.getuser())
        if as_json:
            print_json({"import": number, "removed": done.removed, "restored": done.restored, "kept": done.kept})
            return
        say(f"Import {number} is undone: {done.removed:,} removed, {done.restored:,} got back what they had.")
        if done.kept:
            say(
                f"{done.kept:,} were kept, for they were mailed or have acted since: `subscriber import-report {number}`."
            )


def register(app: typer.Typer) -> None:
    """Add the commands to `ukebrev subscriber`."""
    app.command("import")(import_people)
    app.command("import-again")(run_again)
    app.command("import-status")(status)
    app.command("import-report")(report)
    app.command("undo-import")(undo)


def _options(**chosen: Any) -> Options:
    from subscribers.importing.options import Options

    return Options(**chosen)


def _correction(text: str) -> tuple[str, str]:
    from subscribers.importing.faults import ImportingError

    column, equals, role = text.rpartition("=")
    if not equals or not column.strip():
        raise ImportingError(f"--column '{text}' is not like 'E-post=address'.")
    return column.strip(), role.strip()


def _queue(number: int, *, as_json: bool) -> None:
    from mailer.scheduling.tasks import run_import

    run_import.delay(number)
    if as_json:
        print_json({"import": number, "queued": True})
        return
    say(f"A worker takes import {number}. See `ukebrev subscriber import-status {number}`.")


def _run(number: int, *, as_json: bool, language: str) -> None:
    from subscribers.importing import running

    with _watched(as_json=as_json) as watch:
        summary = running.run(number, watch)
    _answer(summary, as_json=as_json, dry_run=False, language=language)


@contextmanager
def _watched(*, as_json: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a watcher: a bar in a terminal, now and then a line elsewhere, nothing for scripts."""
    with progress_bar() as bar:
        task = bar.add_task("Reading")

        def watch(step: str, done: int, total: int) -> None:
            bar.update(task, description=step.capitalize(), completed=done, total=total or None)
            if not as_json and not notices.is_terminal and done and done % _A_LINE_EVERY == 0:
                note(f"{step}: {done:,} of {total:,} rows")

        yield watch


def _answer(summary: Summary, *, as_json: bool, dry_run: bool, language: str) -> None:
    told_in = language or _house_language()
    if as_json:
        print_json(summary.as_json(told_in) | {"dry_run": dry_run})
    else:
        _in_words(summary, dry_run=dry_run, language=told_in)
    if summary.problem:
        raise typer.Exit(FAILED)


def _in_words(summary: Summary, *, dry_run: bool, language: str) -> None:
    from subscribers.reasons import words

    if summary.columns:
        known = f", an export of {summary.system}" if summary.system else ""
        rows = "1 row" if summary.rows == 1 else f"{summary.rows:,} rows"
        say(f"{rows} ({summary.sheet}{known}). Columns:")
        for line in summary.columns:
            say(f"  {line}")
    counts = ", ".join(f"{number:,} {outcome}" for outcome, number in summary.outcomes.items())
    if counts:
        say(f"{_begins(summary, dry_run=dry_run)}: {counts}.")
    shown = summary.told[:_TOLD_IN_A_TERMINAL]
    if shown:
        cells = [(told.number, told.outcome, words(told.kept, language)) for told in shown]
        print_table(("Row", "Outcome", "Reason"), cells, numbers=("Row",))
    if len(summary.told) > len(shown):
        rest = "the report of the import" if not dry_run else "--json"
        say(f"… and more; see {rest}.")
    if summary.problem:
        note(summary.problem)
    if summary.import_id is not None:
        say(f"This is import {summary.import_id}: `ukebrev subscriber import-report {summary.import_id}`.")


def _begins(summary: Summary, *, dry_run: bool) -> str:
    """Begin the line of counts: what was not done is not told as if it were, or could still be."""
    if not summary.problem:
        return "Would be" if dry_run else "Done"
    writes = any(summary.outcomes.get(outcome) for outcome in ("added", "recorded", "changed"))
    return "Would be, if every row could be read" if writes else "The rows"


def _checked(language: str) -> str:
    from subscribers.reasons import LANGUAGES

    if language and language not in LANGUAGES:
        raise typer.BadParameter(f"There are no reasons in '{language}'. There are: {', '.join(LANGUAGES)}.")
    return language


def _house_language() -> str:
    from django.conf import settings

    return str(settings.LANGUAGE_CODE)


def _import_json(kept: Any) -> dict[str, Any]:
    from subscribers.importing.running import left_lying

    lies = kept.status == "running" and kept.pk in left_lying()
    outcomes = {name: number for name, number in kept.counts.get("outcomes", {}).items() if number}
    what = kept.problem or ", ".join(f"{number:,} {name}" for name, number in outcomes.items()) or kept.step
    return {
        "import": kept.pk,
        "file": kept.file_name,
        "status": "interrupted" if lies else kept.status,
        "rows_done": kept.rows_done,
        "rows_total": kept.rows_total,
        "what": f"Run it again: ukebrev subscriber import-again {kept.pk}" if lies else what,
        "outcomes": outcomes,
        "undone": kept.counts.get("undone"),
        "problem": kept.problem,
        "by": kept.by,
        "basis": kept.basis,
        "created_at": kept.created_at,
        "finished_at": kept.finished_at,
    }
