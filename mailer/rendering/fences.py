"""Cards among the fenced blocks of a text."""

from __future__ import annotations

from markdown_it.token import Token

from mailer.parsing.card_words import card_kind
from mailer.parsing.cards import Card, CardError, read_card
from mailer.parsing.issue import Block


def card_in(fence: Token) -> Card | None:
    """The card that a fenced block is. None for any other, and for a card that can't be read: it is shown as typed."""
    kind = card_kind(fence.info)
    if kind is None:
        return None
    marks = fence.markup
    try:
        return read_card(Block("code", f"{marks}{kind}\n{fence.content}{marks}"))
    except CardError:
        return None
