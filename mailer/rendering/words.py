"""The fixed words of a letter, in each language it can be written in, and the phrases made of them.

They lie in `_words/<language>.toml`, so that an organisation can change them without touching a template. `$name` in
them is string.Template's, which, unlike str.format, can't reach into what it is given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any

from mailer.rendering import toml_tables
from mailer.rendering.daylight import DAY_AND_NIGHT
from mailer.rendering.writing_direction import Direction

LANGUAGES = ("nb", "en")
_NORWEGIAN = {"no", "nn", "nb"}
# ISO 639; Kurdish is as often written from left to right, which its tag then tells.
_RIGHT_TO_LEFT = {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "ku", "ps", "sd", "syr", "ug", "ur", "yi"}
# A script in the tag says more than its language (ISO 15924): "ku-Latn", "az-Arab".
_SCRIPTS: dict[str, Direction] = {
    **dict.fromkeys(("arab", "hebr", "syrc", "thaa", "nkoo", "adlm"), "rtl"),
    **dict.fromkeys(("latn", "cyrl", "deva", "grek"), "ltr"),
}
# "12 000", "2,5", "9.30", "10–12".
_NUMBER = r"\d+(?: \d{3}(?!\d))*(?:[.,:]\d+)*(?:[–-]\d+(?:[.,:]\d+)*)?"
# "78 97 74 00", "+47 900 00 000", "4 200".
_DIGIT_GROUPS = r"(?<![\w+.,])\+?\d{1,4}(?: \d{2,4}){1,4}(?!\w)"
_MONTHS = 12
_WEEKDAYS = 7


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words; each is told in `_words/nb.toml`."""

    months: tuple[str, ...]
    months_short: tuple[str, ...]
    weekdays: tuple[str, ...]
    dates: tuple[str, ...]
    before_numbers: tuple[str, ...]
    units: tuple[str, ...]
    week: str
    week_in_a_month: str
    week_over_months: str
    week_over_years: str
    and_: str
    letter_from: str
    daylight: str
    daylight_one: str
    polar_night: str
    midnight_sun: str
    follows: str
    for_all: str
    everything: str
    change: str
    contents: str
    for_interests: str
    wholly_for: str
    partly_for: str
    image: str
    why: str
    untracked: str
    preferences: str
    unsubscribe: str
    web: str
    social: str
    greeting: str
    greeting_nameless: str
    event_block_day: str
    event_day: str
    event_day_with_year: str
    event_days: str
    event_days_in_a_month: str
    event_time: str
    event_times: str
    time: str
    calendar: str
    write_to: str
    more: str
    less: str
    more_or_less: str

    def week_dates(self, year: int, week: int) -> str:
        """The days of an ISO 8601 week: "8.–14. november 2021". Raises ValueError for a week that the year hasn't."""
        first, last = date.fromisocalendar(year, week, 1), date.fromisocalendar(year, week, 7)
        shape = self.week_in_a_month if first.month == last.month else self.week_over_months
        if first.year != last.year:
            shape = self.week_over_years
        return phrase(
            shape,
            day=first.day,
            month=self.months[first.month - 1],
            year=first.year,
            last_day=last.day,
            last_month=self.months[last.month - 1],
            last_year=last.year,
        )

    def daylight_line(self, hours: float, place: str) -> str:
        """What the header says of the light: "Ca. 5 timer dagslys i Kirkenes"."""
        if hours <= 0:
            return phrase(self.polar_night, place=place)
        if hours >= DAY_AND_NIGHT:
            return phrase(self.midnight_sun, place=place)
        whole = max(1, round(hours))
        return phrase(self.daylight_one if whole == 1 else self.daylight, hours=whole, place=place)

    def enumeration(self, names: Sequence[str]) -> str:
        """Names in running text: "studenter, gründere og bedrifter"."""
        return f" {self.and_} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

    def date_pattern(self) -> str:
        """A regular expression for a day and month in running text: "17. november"."""
        months = "|".join(map(re.escape, self.months))
        shapes = (
            re.escape(shape).replace(r"\$day", r"\d{1,2}").replace(r"\$month", f"(?:{months})").replace(r"\ ", " ")
            for shape in self.dates
        )
        return "|".join(rf"(?<!\w){shape}(?!\w)" for shape in shapes)

    def number_pattern(self) -> str:
        """A regular expression for a number with the word before it or the unit behind it, or of groups of digits.

        "kl. 9", "2,5 mill.", "78 97 74 00".
        """
        before, units = (
            "|".join(map(re.escape, sorted(some, key=len, reverse=True))) for some in (self.before_numbers, self.units)
        )
        before, units = before.replace(r"\ ", " "), units.replace(r"\ ", " ")
        after_word = rf"(?<!\w)(?i:{before}) {_NUMBER}(?: (?:{units})(?!\w))?(?!\w)"
        return rf"{after_word}|(?<![\w.,]){_NUMBER} (?:{units})(?!\w)|{_DIGIT_GROUPS}"


def phrase(shape: str, **values: object) -> str:
    """`shape` with its $names filled in; a name without a value stays as it is."""
    return Template(shape).safe_substitute({name: str(value) for name, value in values.items()})


def language_for(wanted: str) -> str:
    """The language, of those we have words in, that suits a BCP 47 tag best."""
    primary = _primary(wanted)
    if primary in _NORWEGIAN or not primary:
        return "nb"
    return primary if primary in LANGUAGES else "en"


def speaks(language: str) -> bool:
    """Whether we have words in the language of a BCP 47 tag, or in one that its readers take for theirs."""
    primary = _primary(language)
    return primary in _NORWEGIAN or primary in LANGUAGES or not primary


def direction(language: str) -> Direction:
    """The direction of writing for HTML's dir."""
    script = next((_SCRIPTS[part] for part in _parts(language)[1:] if part in _SCRIPTS), None)
    return script or ("rtl" if _primary(language) in _RIGHT_TO_LEFT else "ltr")


def _primary(language: str) -> str:
    return _parts(language)[0]


def _parts(language: str) -> list[str]:
    return language.lower().replace("_", "-").split("-")


@lru_cache(maxsize=32)
def load_words(language: str, folders: tuple[Path, ...]) -> Words:
    """The words of `language` (see `language_for`), keys in earlier folders before those in later ones."""
    files = [path for folder in folders if (path := folder / "_words" / f"{language}.toml").exists()]
    table: dict[str, Any] = {}
    for file in reversed(files):
        table = toml_tables.merged(table, toml_tables.read(file))
    if "and" in table:
        table["and_"] = table.pop("and")
    where = f"{files[0] if files else folders[-1] / '_words' / f'{language}.toml'}: "
    return toml_tables.build(Words, table, where, _LISTS)


def _twelve(months: tuple[str, ...]) -> str:
    return "" if len(months) == _MONTHS else "twelve months"


def _seven(days: tuple[str, ...]) -> str:
    return "" if len(days) == _WEEKDAYS else "seven weekdays, Monday first"


_LISTS = {"months": _twelve, "months_short": _twelve, "weekdays": _seven}
