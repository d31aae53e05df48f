"""For whom a section seems to be, told from words in it: a table that an organisation can edit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from mailer.parsing.issue import SourceError
from mailer.parsing.wordlists import WORDS

_SLUG = re.compile(r"[a-z][a-z0-9-]*")
_KEYS = ("strong", "weak", "whole", "never")
# One weak word is chance, two different ones are a topic.
_WEAK_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Beginnings:
    """The words of one interest, compiled, in small letters. See `words/interests.toml` for what the keys mean."""

    strong: re.Pattern[str] | None = None
    weak: re.Pattern[str] | None = None
    never: re.Pattern[str] | None = None

    def match(self, text: str) -> bool:
        """Whether a text is about this interest."""
        return self.match_strong(text) or len(self._found(self.weak, text)) >= _WEAK_NEEDED

    def match_strong(self, text: str) -> bool:
        """Whether a word that is enough by itself stands in the text."""
        return bool(self._found(self.strong, text))

    def _found(self, pattern: re.Pattern[str] | None, text: str) -> set[str]:
        if pattern is None:
            return set()
        return {
            hit.group()
            for hit in pattern.finditer(text)
            if not _inside_a_word(text, hit.start()) and not (self.never and self.never.match(text, hit.start()))
        }


def _inside_a_word(text: str, place: int) -> bool:
    # Asked here and not in the pattern: one that begins with letters is searched ten times as fast.
    return place > 0 and (text[place - 1].isalnum() or text[place - 1] == "_")


@dataclass(frozen=True, slots=True)
class InterestWords:
    """Slug of an interest -> the words that tell of it, in the table's order."""

    tables: Mapping[str, Beginnings] = field(default_factory=dict)

    def suggest(self, text: str, part: str | None = None) -> tuple[str, ...]:
        """The interests that a section's words tell of, none meaning everyone.

        A part's heading counts only by its strong words: "Entreprenørskap" tells of all its sections, "Rekruttering" doesn't.
        """
        text = text.casefold()
        if part and (addressed := self._addressed(part.casefold())):
            return addressed
        found = [slug for slug, words in self.tables.items() if words.match(text)]
        if not found and part:
            part = part.casefold()
            found = [slug for slug, words in self.tables.items() if words.match_strong(part)]
        return tuple(found)

    def _addressed(self, heading: str) -> tuple[str, ...]:
        """The interests that a part says it is for: "For studenter"."""
        if not heading.startswith(("for ", "til ", "to ", "til deg som er ")):
            return ()
        return tuple(slug for slug, words in self.tables.items() if words.match_strong(heading))


@lru_cache
def standard_words() -> InterestWords:
    """The table shipped with the project: students, entrepreneurs, businesses."""
    return load_interest_words(WORDS / "interests.toml")


def load_interest_words(path: str | Path) -> InterestWords:
    """Read a table of words from a TOML file.

    Raises SourceError with file, line where known, and key when the table can't be used.
    """
    path = Path(path)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(f"{path}: the table of words can't be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: the table of words is not UTF-8; save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"{path}: the table of words is not valid TOML: {error}.") from error
    return InterestWords({slug: _beginnings(path, slug, words) for slug, words in tables.items()})


def _beginnings(path: Path, slug: str, words: object) -> Beginnings:
    if not _SLUG.fullmatch(slug):
        raise SourceError(
            f"{path}: [{slug}] is no slug of an interest: use small letters a-z, digits and hyphens, a letter first."
        )
    if not isinstance(words, dict):
        raise SourceError(f'{path}: "{slug}" must be a table: write [{slug}] and below it strong = ["..."].')
    lists = {key: _list(path, slug, key, value) for key, value in words.items()}
    strong = [re.escape(word) for word in lists.get("strong", [])]
    strong += [re.escape(word) + r"(?!\w)" for word in lists.get("whole", [])]
    weak = [re.escape(word) for word in lists.get("weak", [])]
    never = [re.escape(word) for word in lists.get("never", [])]
    return Beginnings(_compile(strong), _compile(weak), _compile(never))


def _list(path: Path, slug: str, key: str, value: object) -> list[str]:
    if key not in _KEYS:
        raise SourceError(f"{path}: [{slug}] has an unknown key {key}; it may have {', '.join(_KEYS)}.")
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        raise SourceError(f"{path}: {key} of [{slug}] must be a list of words in quotation marks.")
    return [word.strip().casefold() for word in value]


def _compile(patterns: list[str]) -> re.Pattern[str] | None:
    # The longest first, so that "bedrifter" is not found as "bedrift".
    ordered = sorted(patterns, key=len, reverse=True)
    return re.compile("|".join(ordered)) if ordered else None
