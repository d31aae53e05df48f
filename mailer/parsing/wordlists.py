"""The tables of words beside this module (`words/*.toml`), read once and compiled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

WORDS = Path(__file__).parent / "words"


@lru_cache
def table(name: str) -> dict[str, list[str]]:
    """One of our own tables: "furniture", "phrases" or "languages"."""
    with (WORDS / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@lru_cache
def phrases(key: str) -> frozenset[str]:
    """A list of `phrases.toml` as a set."""
    return frozenset(table("phrases")[key])


@lru_cache
def beginning(key: str, name: str = "phrases") -> re.Pattern[str]:
    """Matches a line that begins with one of a list's phrases, as whole words."""
    return re.compile(rf"(?:{alternatives(table(name)[key])})(?!\w)", re.IGNORECASE)


@lru_cache
def anywhere(key: str, name: str = "phrases") -> re.Pattern[str]:
    """Matches the beginning of a word anywhere in a text."""
    return re.compile(rf"(?<!\w)(?:{alternatives(table(name)[key])})", re.IGNORECASE)


def alternatives(words: Iterable[str]) -> str:
    """Words as a regular expression, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
