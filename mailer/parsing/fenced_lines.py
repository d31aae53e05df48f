"""Cards in a plain text: fenced lines are taken out before anything else is guessed about the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailer.parsing.card_words import card_kind
from mailer.parsing.cutting import split_blocks
from mailer.parsing.elements import Element
from mailer.parsing.lines import plain_text

_OPENING = re.compile(r"(`{3,}|~{3,})[ \t]*([^\s`~]+)[ \t]*")


def take_cards(text: str) -> tuple[str, list[Element]]:
    """Return a text with its cards made blank, so that numbering stays, and the cards.

    A card is a fence that names a kind of card and is closed; other fences are plain words here.
    """
    lines = plain_text(text).split("\n")
    cards: list[Element] = []
    index = 0
    while index < len(lines):
        end = _end(lines, index)
        if end is None:
            index += 1
            continue
        (block,) = split_blocks("\n".join(line.strip() for line in lines[index:end]))
        cards.append(Element(block.kind, "", block.markdown, index + 1))
        lines[index:end] = [""] * (end - index)
        index = end
    return "\n".join(lines), cards


def with_cards(elements: Sequence[Element], cards: Sequence[Element]) -> list[Element]:
    """Return the elements of a text with its cards between them, each where it stood."""
    return sorted([*elements, *cards], key=lambda each: each.line)


def _end(lines: Sequence[str], start: int) -> int | None:
    """Where the card that begins at a line is over; None where no card begins."""
    opening = _OPENING.fullmatch(lines[start].strip())
    if opening is None or card_kind(opening[2]) is None:
        return None
    closing = (index for index in range(start + 1, len(lines)) if lines[index].strip() == opening[1])
    return next((index + 1 for index in closing), None)
