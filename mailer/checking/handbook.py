"""The tables of docs/checks.md: `python -m mailer.checking.handbook` writes them into the page; a test compares them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mailer.checking.clients import graceful, table
from mailer.checking.findings import codes

_BEGIN, _END = "<!-- {} -->", "<!-- end of {} -->"


def with_tables(page: str) -> str:
    """The page with both tables as they should be, between their marks."""
    for name, rows in (("codes", _codes()), ("graceful", _graceful())):
        begin, end = _BEGIN.format(name), _END.format(name)
        inside = "\n".join([begin, *rows, end])
        page = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _, new=inside: new, page, flags=re.DOTALL)  # type: ignore[misc]  # a lambda's default
    return page


def _codes() -> list[str]:
    rows = [
        f"| `{code}` | {entry['level']} | {_cell(entry['en']['what'])} | {_cell(entry['en']['remedy'])} |"
        for code, entry in codes().items()
    ]
    return ["| code | level | what is said | what to do |", "|---|---|---|---|", *rows]


def _graceful() -> list[str]:
    rows = [
        f"| {_cell(table()[slug]['title'].strip())} | {', '.join(table()[slug]['without'])} | {_cell(reason)} |"
        for slug, reason in graceful().items()
    ]
    return ["| feature | left out by | what readers there see |", "|---|---|---|", *rows]


def _cell(text: str) -> str:
    """Text for a cell of a table; names that are filled in are shown in italics."""
    text = text.replace("|", "\\|").replace("<", "&lt;")
    return re.sub(r"\$(\w+)", r"*\1*", text)


if __name__ == "__main__":
    file = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/checks.md")
    file.write_text(with_tables(file.read_text(encoding="utf-8")), encoding="utf-8")
