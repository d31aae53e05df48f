"""The words of `phrases.toml`, compiled."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from mailer.checking.dates import WEEKDAYS
from mailer.parsing.wordlists import alternatives


@lru_cache
def words(key: str) -> str:
    """A list as one regular expression, for use inside of another."""
    lists = _lists()
    joined = "|".join(sorted(lists[key], key=len, reverse=True))
    count = "|".join(sorted(lists["count"], key=len, reverse=True))
    return joined.replace("{weekday}", f"(?:{alternatives(WEEKDAYS)})").replace("{count}", f"(?:{count})")


@lru_cache
def whole_words(key: str, *, exact: bool = False) -> re.Pattern[str]:
    """Matches one of a list, as whole words; in just these capital and small letters if `exact`."""
    return re.compile(rf"(?<![\w-])(?:{words(key)})(?![\w-])", 0 if exact else re.IGNORECASE)


@lru_cache
def _lists() -> dict[str, list[str]]:
    with Path(__file__).with_name("phrases.toml").open("rb") as file:
        return tomllib.load(file)
