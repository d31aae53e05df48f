"""What is in a block of Markdown: its plain words, the items of a list, its links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.token import Token

from mailer.parsing.cards import Card, CardError, read_card
from mailer.parsing.commonmark import LINKED, commonmark, inline_text
from mailer.parsing.issue import Block
from mailer.parsing.lost_links import find_lost_links

_TITLES = {"heading_open", "th_open"}


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text: its words, its target (None where the text points to something whose address was lost), its line."""

    text: str
    target: str | None
    line: int | None = None


def block_text(block: Block) -> str:
    """The plain words of a block; lines and rows are parted by a line break, cells by a tab."""
    if block.kind == "list":
        return "\n".join(block_items(block))
    tokens = commonmark().parse(block.markdown)
    if block.kind == "table":
        return "\n".join(_rows(tokens))
    return "\n".join(_texts(tokens))


def block_items(block: Block) -> list[str]:
    """The plain words of each item of a list, nested items after the one they stand in."""
    items: list[list[str]] = []
    open_items: list[int] = []
    for token in commonmark().parse(block.markdown):
        if token.type == "list_item_open":
            open_items.append(len(items))
            items.append([])
        elif token.type == "list_item_close":
            open_items.pop()
        elif open_items and (words := _own_words(token)) is not None:
            items[open_items[-1]].append(words)
    return ["\n".join(words) for words in items]


def links(blocks: Iterable[Block]) -> list[Link]:
    """The links in the blocks of one section, in order, those without a target among them.

    Words that point to a link are not lost where one of the section's links says the same, or a link stands right below them.
    """
    blocks = tuple(blocks)
    found = [list(_block_links(block)) for block in blocks]
    kept = {_folded(link.text) for of_block in found for link in of_block if link.target}
    return [
        link
        for index, of_block in enumerate(found)
        for link in of_block
        if link.target or not (_is_said(link, kept) or (link is of_block[-1] and _leads_below(link, blocks[index:])))
    ]


def _folded(words: str) -> str:
    return " ".join(words.casefold().split()).strip(" .:!?»”›→>…")


def _is_said(lost: Link, kept: Iterable[str]) -> bool:
    """Whether a link has these words, or begins with them."""
    words = _folded(lost.text)
    return any(each == words or each.startswith(f"{words} ") for each in kept)


def _leads_below(lost: Link, blocks: Sequence[Block]) -> bool:
    """Whether a link ends its block, the first of these, and the next one opens with a link."""
    here, below = blocks[0], blocks[1:2]
    return bool(below) and _folded(block_text(here)).endswith(_folded(lost.text)) and _begins_with_link(below[0])


def _begins_with_link(block: Block) -> bool:
    """Whether a block opens with a link, as a button and a list of links do, or is an event that has one."""
    if block.kind == "event":
        return getattr(_card(block), "link", "") != ""
    inline = next((token for token in commonmark().parse(block.markdown) if token.type == "inline"), None)
    return inline is not None and inline_text(inline.children or [], mask_links=True).lstrip().startswith(LINKED)


def _card(block: Block) -> Card | None:
    try:
        return read_card(block)
    except CardError:
        return None


def _texts(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if (words := _own_words(token)) is not None:
            yield words


def _own_words(token: Token) -> str | None:
    if token.type == "inline":
        return inline_text(token.children or [])
    return token.content.rstrip("\n") if token.type in {"fence", "code_block"} else None


def _rows(tokens: Iterable[Token]) -> Iterator[str]:
    cells: list[str] = []
    for token in tokens:
        if token.type == "inline":
            cells.append(inline_text(token.children or []))
        elif token.type == "tr_close":
            yield "\t".join(cells)
            cells = []


def _block_links(block: Block) -> Iterator[Link]:
    # Items have their marks before the words, so that a list is always looked into.
    if (
        block.kind != "list"
        and not any(char in block.markdown for char in "[<")
        and not find_lost_links(block.markdown)
    ):
        return
    tokens = commonmark().parse(block.markdown)
    for before, token in pairwise(tokens):
        if token.type == "inline":
            line = None if block.line is None else block.line + (token.map[0] if token.map else 0)
            children = token.children or []
            # A heading or a column that is called "Påmelding" was no link.
            pointers = [] if before.type in _TITLES else _pointers(children, is_item=block.kind == "list")
            yield from _inline_links(children, line, pointers)


def _pointers(children: list[Token], *, is_item: bool) -> list[tuple[int, Link]]:
    found = find_lost_links(inline_text(children, mask_links=True), is_item=is_item)
    return [(place, Link(words, None)) for place, words in found]


def _inline_links(children: list[Token], line: int | None, lost: list[tuple[int, Link]]) -> Iterator[Link]:
    masked = inline_text(children, mask_links=True)
    places = (place for place, char in enumerate(masked) if char == LINKED)
    kept = list(zip(places, _kept_links(children), strict=False))
    breaks = 0
    last = 0
    for place, link in sorted([*lost, *kept], key=lambda each: each[0]):
        breaks += masked.count("\n", last, place)
        last = place
        yield Link(link.text, link.target, None if line is None else line + breaks)


def _kept_links(children: list[Token]) -> Iterator[Link]:
    opened = 0
    for index, token in enumerate(children):
        if token.type == "link_open":
            opened = index
        elif token.type == "link_close":
            yield Link(inline_text(children[opened + 1 : index]), str(children[opened].attrs.get("href", "")))
