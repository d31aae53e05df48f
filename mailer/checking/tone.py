"""How the text speaks: shouting, and words that were meant to be replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailer.checking.findings import Sighting, seen
from mailer.checking.material import Material, Passage
from mailer.checking.phrases import whole_words
from mailer.checking.phrases import words as listed

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_EXCLAMATIONS = re.compile(r"(?:(?<!\w)\w{1,40}\s?)?(?:!{2,}|!\?!|(?:[!?]){3,})")
_CLAUSE_END = re.compile(r"[,;.!?()\n\t]")
# A run of capitals is shouting when it has a word that is too long for an abbreviation.
_LONGEST_ABBREVIATION = 4
_FEWEST_SHOUTED = 2
# What a company is, behind its name: "BARENTS AS" shouts no more than "BARENTS".
_COMPANIES = frozenset(
    {"AS", "ASA", "SA", "BA", "ANS", "DA", "KF", "IKS", "SF", "HF", "NUF", "AB", "OY", "LTD", "INC", "LLC", "GMBH"}
)
_PLACEHOLDERS = (
    whole_words("placeholder"),
    whole_words("placeholder_exact", exact=True),
    re.compile(
        rf"\[\s*(?:{listed('placeholder_names')})\s*\]|<\s*(?:{listed('placeholder_names')})\s*>", re.IGNORECASE
    ),
    # What other services' templates have in them.
    re.compile(r"\{\{.{0,60}?\}\}|\{%.{0,60}?%\}|\*\|\w{1,40}\|\*|%[A-ZÆØÅ_]{3,40}%"),
)


def shouting(material: Material) -> Iterator[Sighting]:
    """Words in capitals, one after the other."""
    for passage in _prose(material):
        if text := _shouted(passage.prose):
            yield seen("capitals", passage.place, passage.line, words=text)


def exclaiming(material: Material) -> Iterator[Sighting]:
    """More than one exclamation mark in a row."""
    for passage in _prose(material):
        if found := _EXCLAMATIONS.search(passage.prose):
            yield seen("exclamations", passage.place, passage.line, words=found[0])


def placeholders(material: Material) -> Iterator[Sighting]:
    """Words that someone meant to replace."""
    for passage in _prose(material):
        found = (each[0] for shape in _PLACEHOLDERS for each in shape.finditer(passage.prose))
        for text in dict.fromkeys(found):
            yield seen("placeholder", passage.place, passage.line, words=text)


def _prose(material: Material) -> Iterator[Passage]:
    return (passage for passage in material.passages if passage.kind != "code")


def _shouted(text: str) -> str:
    """The first run of words in capitals within a clause; abbreviations alone are none, and neither is a list of names."""
    return next(filter(None, map(_shouted_clause, _CLAUSE_END.split(text))), "")


def _shouted_clause(text: str) -> str:
    run: list[str] = []
    for found in _WORD.finditer(text):
        if len(found[0]) > 1 and found[0].isupper():
            run.append(found[0])
        elif _is_shouting(run):
            break
        else:
            run = []
    return " ".join(run) if _is_shouting(run) else ""


def _is_shouting(run: list[str]) -> bool:
    words = [word for word in run if word not in _COMPANIES]
    long_words = sum(len(word.replace("-", "")) > _LONGEST_ABBREVIATION for word in words)
    return bool(long_words) and len(words) >= _FEWEST_SHOUTED


CHECKS = (shouting, exclaiming, placeholders)
