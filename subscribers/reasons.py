"""Why an address, a value or a row of a sheet was not taken: kept as a code with its particulars, and put into words when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LANGUAGES = ("nb", "en")
# ASCII's own separators, which no value has: it is one line of what can be printed.
BETWEEN_VALUES = "\x1f"
_BETWEEN_REASONS = "\x1e"
# More than any of the sentences has places for.
_MOST_VALUES = 4


class Coded(ValueError):  # noqa: N818  # what is wrong with something typed; its subclasses are errors by name
    """A fault with a code and what stood there. As text it is the sentence in English."""

    def __init__(self, code: str, *values: object) -> None:
        """Take a code of `reasons.toml` with its values, or a whole sentence where there is only that."""
        self.kept = kept(code, *values)
        super().__init__(words(self.kept))


def kept(code: str, *values: object) -> str:
    """Return the form in which a reason is stored."""
    return BETWEEN_VALUES.join([code, *(_one_line(str(value)) for value in values)])


def joined(reasons: Iterable[str]) -> str:
    """Return several stored reasons as one."""
    return _BETWEEN_REASONS.join(filter(None, reasons))


def parts(stored: str) -> list[list[str]]:
    """Return each reason of what is stored: its code and its values."""
    return [reason.split(BETWEEN_VALUES) for reason in stored.split(_BETWEEN_REASONS) if reason]


def codes(stored: str) -> list[str]:
    """Return the codes of what is stored."""
    return [code for code, *_values in parts(stored)]


def words(stored: str, language: str = "en") -> str:
    """Return in words what is stored, in "nb" or "en". What has no code of ours is returned as it is."""
    return " ".join(_said(code, values, language) for code, *values in parts(stored))


def _said(code: str, values: list[str], language: str) -> str:
    entry = _table().get(code)
    if entry is None:
        return " ".join([code, *values])
    # What was cut off where it was stored is not there any more.
    return entry[language].format(*values, *[""] * _MOST_VALUES)


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("reasons.toml").read_text(encoding="utf-8"))
