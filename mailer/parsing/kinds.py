"""What kind of block a token of Markdown opens."""

from __future__ import annotations

from markdown_it.token import Token

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
        return _CARDS.get(token.info.strip(), "code")
    return _KINDS.get(token.type, "paragraph")
