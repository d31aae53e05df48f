"""What kind of block a token of Markdown opens."""

from __future__ import annotations

from markdown_it.token import Token

from mailer.parsing.cards import CardError, read_facts
from mailer.parsing.issue import BlockKind

_KINDS: dict[str, BlockKind] = {
    "paragraph_open": "paragraph",
    "heading_open": "heading",
    "blockquote_open": "quotation",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
    "hr": "rule",
}
# Fenced blocks of facts (see cards.py).
_CARDS: dict[str, BlockKind] = {"event": "event", "person": "person", "note": "note"}


def kind_of(token: Token) -> BlockKind:
    """Return the kind of the block that a top-level token opens. An image is a paragraph here: what is in it decides."""
    if token.type == "fence":
        return _card_kind(token.info.strip(), token.content)
    return _KINDS.get(token.type, "paragraph")


def _card_kind(info: str, content: str) -> BlockKind:
    """The kind of a fenced block: a card when it can be read as one, else code."""
    kind = _CARDS.get(info, "code")
    if kind != "code":
        try:
            read_facts(kind, content)
        except CardError:
            return "code"
    return kind
