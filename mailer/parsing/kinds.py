"""A parsed Markdown text as its top-level blocks, and what kind each is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from mailer.parsing.card_faults import CardError
from mailer.parsing.card_words import card_kind
from mailer.parsing.cards import Card, read_facts, write_card
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


@dataclass(frozen=True, slots=True)
class TopLevel:
    """One block: the token that opens it, those inside of it, and its lines, from 0, the last one not included.

    `markdown` is what the block is written as where that is not its own lines: a card, in the words that we write.
    """

    kind: BlockKind
    token: Token
    inner: Sequence[Token]
    begin: int
    end: int
    markdown: str = ""


def top_level(tokens: Sequence[Token]) -> Iterator[TopLevel]:
    """Return the blocks of a text that was parsed, in order."""
    index = 0
    while index < len(tokens):
        token, end = tokens[index], index + 1
        if token.nesting == 1:
            while tokens[end].level > token.level or tokens[end].nesting != -1:
                end += 1
        yield _block(token, tokens[index + 1 : end])
        index = end + (token.nesting == 1)


def _block(token: Token, inner: Sequence[Token]) -> TopLevel:
    begin, end = token.map or (0, 0)
    card = _card(token) if token.type == "fence" else None
    if card is not None:
        written = write_card(card)
        return TopLevel(written.kind, token, inner, begin, end, written.markdown)
    kind = _KINDS.get(token.type, "paragraph")
    return TopLevel("image" if kind == "paragraph" and _is_image(inner) else kind, token, inner, begin, end)


def _card(fence: Token) -> Card | None:
    """The card that a fenced block is; None for any other, and for one that can't be read, which is code."""
    kind = card_kind(fence.info)
    try:
        return read_facts(kind, fence.content.removesuffix("\n")) if kind else None
    except CardError:
        return None


def _is_image(inner: Sequence[Token]) -> bool:
    """Whether a paragraph holds one image, perhaps linked, and nothing else."""
    children = [each for token in inner for each in token.children or []]
    return [each.type for each in children if each.content.strip() or each.type == "image"] == ["image"]
