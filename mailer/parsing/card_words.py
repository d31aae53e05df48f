"""What authors call the kinds and lines of cards, from `words/cards.toml`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import Literal, get_args

from mailer.parsing.wordlists import WORDS

CardKind = Literal["event", "person", "note"]
KINDS: tuple[CardKind, ...] = get_args(CardKind)


def card_kind(info: str) -> CardKind | None:
    """Return the kind of card that a fenced block with this info string is meant to be; None for any other block."""
    return kinds().get(info.strip().casefold())


@lru_cache
def kinds() -> dict[str, CardKind]:
    """An author's word for a kind -> ours."""
    return {word: kind for kind in KINDS for word in _words()["kinds"][kind]}


@lru_cache
def keys(kind: CardKind) -> dict[str, str]:
    """An author's word for a line of a card -> ours."""
    return {word: key for key, words in _words()[kind].items() for word in words}


def known(kind: CardKind) -> str:
    """Our words for the lines of a card, as one text."""
    return ", ".join(_words()[kind])


@lru_cache
def _words() -> dict[str, dict[str, list[str]]]:
    with (WORDS / "cards.toml").open("rb") as file:
        return tomllib.load(file)
