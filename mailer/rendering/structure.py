"""Markup without its words: letters of one issue differ in those more than in their elements, on which most work depends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

# A noncharacter that nobody can type into a letter (see `slots`); to every parser it is a word.
WORDS = "\ufdd1"
# Words between two tags: without entities, which parsers read and may write otherwise, and characters that XML hasn't.
_BETWEEN_TAGS = re.compile(
    r"(?<=>)(\s*)((?!\s)[^<>&\x00-\x08\x0b\x0c\x0e-\x1f\ufdd1\ufffe\uffff]*[^<>&\s\x00-\x1f\ufdd1\ufffe\uffff])(?=\s*<)"
)


def structure(markup: str) -> str:
    """`markup` with one mark in place of each run of words; equal for markup that differs in nothing else."""
    return _BETWEEN_TAGS.sub(rf"\1{WORDS}", markup)


def words_of(markup: str) -> list[str]:
    """The runs of words that `structure` took out, in order."""
    return [match[2] for match in _BETWEEN_TAGS.finditer(markup)]


def put_together(around: Sequence[str], words: Sequence[str]) -> str:
    """Words between the pieces, one more, of what was a structure."""
    return "".join(chain(*zip(around, words, strict=False), around[-1:]))
