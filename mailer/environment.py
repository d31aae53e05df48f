"""Typed reading of settings from environment variables, with errors for people.

A bad value never stops the reading: each one is remembered as a sentence, and `Environment.check` raises them all
at once, so that a person who starts the service mends everything in one go. Needs no Django.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import idna

Value = TypeVar("Value")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_LOWEST_RATE, _HIGHEST_RATE = 0.01, 100_000
_WINDOW = re.compile(r"(\d{1,9})/(\d{1,4})([smhd])", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_WINDOW = 30 * 86400


class EnvironmentProblem(Exception):  # noqa: N818  # a problem with the surroundings, told to people, not a programming error
    """What is wrong with the environment: one whole sentence for each variable."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__("\n".join(sentences))


class Environment:
    """Reads variables, remembers which ones were asked for and what was wrong with them.

    Surrounding blanks are dropped and an empty value counts as none, because compose files and shells
    often pass `NAME=` for "not set".
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables
        self.known: set[str] = set()
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """Returns a value on one line; a line break in it is a problem (it would end a mail header)."""
        value = self._read(name) or default
        if any(not character.isprintable() for character in value):
            self.complain(name, "holds a line break or another control character; write it on one line.")
            return default
        return value

    def integer(self, name: str, default: int, *, low: int = 0, high: int = 2**31 - 1) -> int:
        """Returns a whole number from `low` to `high`."""

        def parse(value: str) -> int:
            number = int(value)
            if not low <= number <= high:
                raise ValueError
            return number

        return self._parsed(name, default, parse, f"a whole number from {low} to {high}")

    def boolean(self, name: str, *, default: bool) -> bool:
        """Returns whether the value is yes, true, on or 1 (or no, false, off, 0), in any case of letters."""

        def parse(value: str) -> bool:
            if value.lower() not in _TRUE | _FALSE:
                raise ValueError
            return value.lower() in _TRUE

        return self._parsed(name, default, parse, "yes or no")

    def words(self, name: str, default: str = "") -> list[str]:
        """Returns the values between commas, without blanks and empty ones."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Returns one of the choices, in any case of letters; the first one when nothing is set."""

        def parse(value: str) -> str:
            if value.lower() not in choices:
                raise ValueError
            return value.lower()

        return self._parsed(name, choices[0], parse, f"one of {', '.join(choices)}")

    def domain(self, name: str) -> str:
        """Returns the name of a domain as DNS and the wire have it: small letters, IDNA (RFC 5891)."""
        return self._parsed(name, "", _as_in_dns, "a domain like example.org")

    def rates(self, name: str) -> dict[str, float]:
        """Returns how many a second for each domain, from pairs like gmail.com=5 with blanks or commas between them."""

        def parse(value: str) -> dict[str, float]:
            pairs = (pair.partition("=") for pair in value.replace(",", " ").split())
            return {_as_in_dns(domain): _rate(rate) for domain, _, rate in pairs}

        expected = f"a list like gmail.com=5 outlook.com=10, with rates from {_LOWEST_RATE} to {_HIGHEST_RATE} a second"
        return self._parsed(name, {}, parse, expected)

    def windows(self, name: str, default: str) -> tuple[tuple[int, int], ...]:
        """Returns limits as (how many, within how many seconds), from a list like 20/10m 100/1d."""
        expected = "a list like 20/10m 100/1d: so many within so many s, m, h or d, at most 30d"
        return self._parsed(name, _windows(default), _windows, expected)

    def url(self, name: str, default: str = "", *, schemes: tuple[str, ...] = ("https", "http")) -> str:
        """Returns an address with one of the schemes and a host, without a slash at its end."""

        def parse(value: str) -> str:
            parts = urlsplit(value)
            if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
                raise ValueError
            return value.rstrip("/")

        example = " or ".join(f"{scheme}://..." for scheme in schemes)
        return self._parsed(name, default, parse, f"an address like {example}")

    def secret(self, name: str) -> str:
        """Returns the value of NAME or, when there is none, what the file named by NAME_FILE holds.

        The file is what Docker and Kubernetes call a secret. Values never appear in a problem's sentence.
        """
        value, file = self._read(name), self._read(f"{name}_FILE")
        if value and file:
            self.complain(name, f"is set, and {name}_FILE as well; keep one of them.")
        if value or not file:
            return value
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            self.complain(f"{name}_FILE", f"cannot read {file}: {reason}.")
            return ""

    def complain(self, name: str, what: str) -> None:
        """Remembers that the variable `name` is wrong; `what` goes on with the sentence after its name and a colon."""
        self.problems.append(f"{name}: {what}")

    def check(self) -> None:
        """Raises EnvironmentProblem when anything that was read so far was wrong."""
        if self.problems:
            raise EnvironmentProblem(self.problems)

    def _read(self, name: str) -> str:
        self.known.add(name)
        return self._variables.get(name, "").strip()

    def _parsed(self, name: str, default: Value, parse: Callable[[str], Value], expected: str) -> Value:
        value = self._read(name)
        if not value:
            return default
        try:
            return parse(value)
        except ValueError:
            self.complain(name, f"{value!r} is not {expected}.")
            return default


def _as_in_dns(domain: str) -> str:
    try:
        found = idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError from error
    if "." not in found:
        raise ValueError
    return found


def _windows(value: str) -> tuple[tuple[int, int], ...]:
    found = [_WINDOW.fullmatch(window) for window in value.replace(",", " ").split()]
    read = tuple((int(w[1]), int(w[2]) * _SECONDS[w[3].lower()]) for w in found if w)
    if not read or len(read) < len(found) or any(not n or not 0 < seconds <= _LONGEST_WINDOW for n, seconds in read):
        raise ValueError
    return read


def _rate(value: str) -> float:
    rate = float(value)
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise ValueError
    return rate
