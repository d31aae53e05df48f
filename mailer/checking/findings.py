"""What a check finds, and the words it is told in: one table, `words.toml`, keyed by code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any, Literal, get_args

Level = Literal["error", "warning", "advice"]
LEVELS: tuple[Level, ...] = get_args(Level)
LANGUAGES = ("nb", "en")
WORDS = Path(__file__).parent / "words.toml"
_SHOWN = 70


class Term(str):
    """A value that is one of our own words, and so is looked up in `[terms]` in the finding's language."""

    __slots__ = ()


class Quoted(str):
    """An author's words that are shown in the quotation marks of the finding's language, as one of several."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """One of our own words, and of how many that is told."""

    term: Term
    count: int


Value = str | int | float | date | Term | Counted | tuple["str | Counted", ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A section: its position in the issue, from 0, and its heading, which may be empty."""

    position: int
    heading: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a check saw, in no language yet. `values` fill the $names of the code's sentences."""

    code: str
    place: Place | None = None
    line: int | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing for an editor: what is, why it matters, what to do. `section` is None for what concerns the whole letter."""

    level: Level
    code: str
    section: Place | None
    line: int | None
    what: str
    why: str
    remedy: str

    def as_json(self) -> dict[str, Any]:
        """The form for scripts."""
        return asdict(self)


def seen(code: str, place: Place | None = None, line: int | None = None, **values: Value) -> Sighting:
    """A sighting."""
    return Sighting(code, place, line, values)


def say(sighting: Sighting, language: str) -> Finding:
    """The finding, in "nb" or "en"; any other language is told in English."""
    language = language if language in LANGUAGES else "en"
    entry = codes()[sighting.code]
    values = {name: _shown(value, language) for name, value in sighting.values.items()}
    texts = {part: Template(entry[language][part]).safe_substitute(values) for part in ("what", "why", "remedy")}
    return Finding(entry["level"], sighting.code, sighting.place, sighting.line, **texts)


def codes() -> dict[str, Any]:
    """Code -> its level and its sentences by language, in the order of the table."""
    found: dict[str, Any] = _words()["codes"]
    return found


def term(key: str, language: str) -> str:
    """One of our own words."""
    found: str = _words()["terms"][language if language in LANGUAGES else "en"][key]
    return found


@lru_cache
def _words() -> dict[str, Any]:
    with WORDS.open("rb") as file:
        return tomllib.load(file)


def _shown(value: Value, language: str) -> str:
    match value:
        case Term():
            shown = term(value, language)
        case Quoted():
            shown = f"«{shortened(value)}»" if language == "nb" else f'"{shortened(value)}"'
        case Counted():
            shown = f"{term(value.term, language)} ({value.count})"
        case datetime():
            shown = _moment(value, language)
        case date():
            shown = _day(value, language)
        case float():
            shown = f"{value:.1f}".replace(".", "," if language == "nb" else ".")
        case tuple():
            shown = _enumeration(value, language)
        case _:
            shown = shortened(str(value))
    return shown


def shortened(text: str) -> str:
    """One line of an author's words, as much as fits in a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[:_SHOWN].rsplit(" ", 1)[0].rstrip(" .,;:") + " …"


def _moment(moment: datetime, language: str) -> str:
    clock = f"kl. {moment:%H.%M}" if language == "nb" else f"at {moment:%H:%M}"
    return f"{_day(moment.date(), language)} {clock}"


def _day(day: date, language: str) -> str:
    weekday = term(f"weekday-{day.isoweekday()}", language)
    month = term(f"month-{day.month}", language)
    return f"{weekday} {day.day}. {month} {day.year}" if language == "nb" else f"{weekday} {day.day} {month} {day.year}"


def _enumeration(names: tuple[str | Counted, ...], language: str) -> str:
    shown = [_shown(name, language) for name in names]
    return f" {term('and', language)} ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
