"""The tables of headings and words: headings.toml, systems.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_LOOSE = str.maketrans("", "", " -_.:*\u00a0\ufeff")


@dataclass(frozen=True, slots=True)
class System:
    """Another system's export. `columns` and `left` are by heading, as `loose` writes it."""

    name: str
    marks: frozenset[str]
    columns: dict[str, str]
    left: dict[str, str]


def loose(text: str) -> str:
    """Return a heading or a word as it is compared: without case, spaces, hyphens, dots and underscores."""
    return text.casefold().translate(_LOOSE).strip()


@cache
def roles() -> dict[str, str]:
    """Return what a column holds, by its heading."""
    return {loose(word): role for role, words in _table("headings.toml")["headings"].items() for word in words}


@cache
def languages() -> dict[str, str]:
    """Return the language of a letter by what a cell may say."""
    return {word: code for code, words in _table("headings.toml")["languages"].items() for word in words}


@cache
def answers() -> dict[str, bool]:
    """Return yes or no by what a cell may say."""
    table = _table("headings.toml")
    return dict.fromkeys(table["yes"]["words"], True) | dict.fromkeys(table["no"]["words"], False)


@cache
def statuses() -> dict[str, str]:
    """Return the meaning of a status by what a cell may say."""
    return {word: status for status, words in _table("headings.toml")["statuses"].items() for word in words}


@cache
def systems() -> tuple[System, ...]:
    """Return the exports that are known by their headings."""
    return tuple(
        System(
            name=entry["name"],
            marks=frozenset(map(loose, entry["marks"])),
            columns={loose(heading): role for heading, role in entry["columns"].items()},
            left={loose(heading): status for heading, status in entry["left"].items()},
        )
        for entry in _table("systems.toml")["system"]
    )


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
