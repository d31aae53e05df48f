"""`ukebrev subscriber export`: the list, or an audience of it, as a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from mailer.cli.output import note
from mailer.cli.starting import house

if TYPE_CHECKING:
    from subscribers.audiences import Audience


def export_people(
    to: Annotated[Path, typer.Argument(help="The file to write; - is standard output.")],
    *,
    form: Annotated[
        str, typer.Option("--form", help="csv, excel-csv, xlsx, json or jsonl; without it, as the file's name says.")
    ] = "",
    interest: Annotated[list[str] | None, typer.Option(help="Only who follows one of these interests.")] = None,
    match: Annotated[str, typer.Option(help="any or all of the interests.")] = "any",
    exclude: Annotated[list[str] | None, typer.Option(help="Nobody who follows this interest.")] = None,
    language: Annotated[str, typer.Option(help="Only people with this language.")] = "",
    audience: Annotated[str, typer.Option(help="A saved audience, instead of the options above.")] = "",
    everyone: Annotated[bool, typer.Option(help="Also those who get no mail, with their status.")] = False,
) -> None:
    """Write the people of the list to a file that a spreadsheet opens, and that the import reads back."""
    with house():
        from subscribers.audiences import Audience
        from subscribers.exporting.files import export
        from subscribers.exporting.people import Order

        if audience:
            wanted = _saved(audience)
        else:
            wanted = Audience(
                interests=tuple(interest or ()),
                match="all" if match == "all" else "any",
                language=language,
                excluded=tuple(exclude or ()),
            )
        order = Order(wanted, everyone=everyone)
        asked = form or (to.suffix.removeprefix(".").lower() or "csv")

        def write(opened: BinaryIO) -> int:
            return export(order, asked, opened)

        number = write(sys.stdout.buffer) if str(to) == "-" else _into(to, write)
        note(f"{number:,} people.")


def register(app: typer.Typer) -> None:
    """Add the command to `ukebrev subscriber`."""
    app.command("export")(export_people)


def _into(to: Path, write: Callable[[BinaryIO], int]) -> int:
    """Write a file as a whole or not at all: what stood there before stays until the new one is complete."""
    part = to.with_name(f"{to.name}.part")
    try:
        with part.open("wb") as opened:
            number = write(opened)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
    return number


def _saved(slug: str) -> Audience:
    from subscribers.audiences import Audience
    from subscribers.exporting.files import ExportError
    from subscribers.models import SavedAudience

    kept = SavedAudience.objects.filter(slug=slug).first()
    if kept is None:
        known = ", ".join(SavedAudience.objects.values_list("slug", flat=True)) or "none yet"
        raise ExportError(f"There is no saved audience '{slug}'. There are: {known}.")
    return Audience.from_json(kept.filter)
