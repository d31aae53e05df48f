"""What is in a block of Markdown: its plain words, the items of a list, its links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markdown_it.token import Token

from mailer.parsing.commonmark import LINKED, commonmark, inline_text
from mailer.parsing.issue import Block
from mailer.parsing.lost_links import find_lost_links


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
    """The links in blocks, in order, those without a target among them."""
    return [link for block in blocks for link in _block_links(block)]


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
    if not any(char in block.markdown for char in "[<") and not find_lost_links(block.markdown):
        return
    for token in commonmark().parse(block.markdown):
        if token.type == "inline":
            line = None if block.line is None else block.line + (token.map[0] if token.map else 0)
            yield from _inline_links(token.children or [], line)


def _inline_links(children: list[Token], line: int | None) -> Iterator[Link]:
    masked = inline_text(children, mask_links=True)
    lost = [(place, Link(words, None)) for place, words in find_lost_links(masked)]
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
