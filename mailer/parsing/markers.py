"""The marks that open an item of a list, and the lines drawn between or under texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mailer.parsing.lines import Line
from mailer.parsing.looks import counts_order
from mailer.parsing.wordlists import alternatives, phrases

_DASH = re.compile(r"([-–—])( ?)(?=\S)")
_BULLET = re.compile(r"([•●○◦▪▫■□‣⁃➢➤►✓✔☐☑·→\uf0b7\uf0a7])\s*(?=\S)|([*+])\s(?=\S)|(o)\s(?=\w)")
_NUMBER = re.compile(r"(\d{1,3})[.)]\s(?=\S)")
_LETTER = re.compile(r"([a-zæøåA-ZÆØÅ])[.)]\s(?=\S)")
_RULE = re.compile(r"([-=_*~#–—•·.+])(?:\s?\1){1,}")
# "- Trafikk -" is a heading between two signs.
_ENCLOSED = re.compile(r"([-–—*•·+])\s.*\s\1")
_RULE_SHORTEST = 3

Kind = Literal["dash", "bullet", "number", "letter"]


@dataclass(frozen=True, slots=True)
class Marker:
    """What opens an item: its kind, its sign as typed, its number (letters count from 1), and the words after it."""

    kind: Kind
    sign: str
    number: int
    rest: str
    tight: bool = False


def drawn_rule(text: str) -> str:
    """The character of a line that is only drawn ("=====", "* * *", "--"), or ""."""
    match = _RULE.fullmatch(text)
    if not match or (len(text) < _RULE_SHORTEST and text != "--"):
        return ""
    return match[1]


def find_markers(lines: Sequence[Line]) -> dict[int, Marker]:
    """Which lines open an item, by position. Marks that could be words ("o", "a.", "-Ja") need a neighbour of their kind."""
    found = {index: marker for index, line in enumerate(lines) if (marker := _marker(line.text))}
    filled = [index for index, line in enumerate(lines) if line.text]
    position = {index: place for place, index in enumerate(filled)}

    def neighbours(index: int) -> list[Marker | None]:
        place = position[index]
        around = [filled[p] for p in (place - 1, place + 1) if 0 <= p < len(filled)]
        return [found.get(each) for each in around]

    return {index: marker for index, marker in found.items() if _holds(marker, neighbours(index))}


def _marker(text: str) -> Marker | None:
    if drawn_rule(text) or _ENCLOSED.fullmatch(text):
        return None
    if match := _DASH.match(text):
        return Marker("dash", match[1], 0, text[match.end() :], tight=not match[2])
    if match := _BULLET.match(text):
        return Marker("bullet", match[1] or match[2] or match[3], 0, text[match.end() :])
    if (match := _NUMBER.match(text)) and not counts_order(text):
        return Marker("number", match.group().strip(), int(match[1]), text[match.end() :])
    if match := _LETTER.match(text):
        return Marker("letter", match.group().strip(), ord(match[1].lower()) - 96, text[match.end() :])
    return None


def _holds(marker: Marker, around: Sequence[Marker | None]) -> bool:
    kinds = [other for other in around if other]
    if marker.kind == "letter":
        return any(other.kind == "letter" and abs(other.number - marker.number) == 1 for other in kinds)
    if marker.kind == "number":
        # "1. trinn", "17. mai": an ordinal, and no mark, unless a neighbour counts with it.
        beside = any(other.kind == "number" and abs(other.number - marker.number) == 1 for other in kinds)
        return beside or not marker.rest[0].islower()
    if marker.sign == "o":
        return any(other.kind in {"bullet", "dash"} for other in kinds)
    if marker.kind == "dash" and marker.tight:
        return not is_spoken(marker.rest) and any(
            other.kind == "dash" and other.tight and not is_spoken(other.rest) for other in kinds
        )
    return True


_SAID = re.compile(rf"[,»”\"!?.–-]\s*(?:{alternatives(phrases('saying'))})\s+(?:\w|[\"«“])", re.IGNORECASE)


def is_spoken(text: str) -> bool:
    """Whether a text names who says it: "..., sier Kari Nordmann"."""
    return _SAID.search(text) is not None
