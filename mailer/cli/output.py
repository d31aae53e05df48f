"""How answers look: tables for people, JSON for scripts, notices on standard error so that they never mix with either."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

answers = Console(soft_wrap=True)
notices = Console(stderr=True, soft_wrap=True)

_PROSE_COLUMNS = 80
_TO_BE_COPIED = {"Issue", "Address"}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def print_json(answer: Any) -> None:
    """Print an answer for a script. Dates come out as ISO 8601."""
    answers.out(json.dumps(answer, ensure_ascii=False, indent=2, default=_plain), highlight=False)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def moment(at: datetime | None) -> str:
    """Return a moment as people read it, in the organisation's time zone; nothing for none."""
    from django.utils import timezone

    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def say(text: str) -> None:
    """Print a line for people; nothing in it is read as markup."""
    answers.print(text, markup=False, highlight=False)


def tell(text: str) -> None:
    """Print sentences for people, in lines that fit the narrowest terminal."""
    say(prose(text))


def prose(text: str) -> str:
    """Return sentences with line breaks, so that they fit the narrowest terminal."""
    return textwrap.fill(text, _PROSE_COLUMNS, break_long_words=False, break_on_hyphens=False)


def note(text: str) -> None:
    """Print a line beside the answer."""
    notices.print(text, markup=False, highlight=False)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", numbers: Sequence[str] = ()
) -> None:
    """Print a table. `numbers` names the columns to be set flush right."""
    table = Table(title=title or None, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        right = column in numbers
        # What is there to be copied stays whole, even when the terminal is too narrow for it.
        whole = right or column in _TO_BE_COPIED
        table.add_column(column, justify="right" if right else "left", no_wrap=whole, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    answers.print(table)


def print_facts(name: str, facts: Iterable[tuple[str, Any]]) -> None:
    """Print what there is to tell about one thing, a line a fact, as a table would be too wide. A fact without a value is left out."""
    say(name)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in facts:
        if value not in {None, ""}:
            table.add_row(f"  {label}", Text(str(value)))
    answers.print(table)


def progress_bar() -> Progress:
    """Return a bar on standard error for a terminal; where there is none it prints nothing, and the caller prints lines."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=notices,
        disable=not notices.is_terminal,
    )
