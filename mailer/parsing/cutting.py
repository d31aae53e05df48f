"""A Markdown text cut into its blocks, and blocks joined to one text again."""

from __future__ import annotations

from collections.abc import Iterable

from markdown_it.token import Token

from mailer.parsing.commonmark import commonmark
from mailer.parsing.issue import Block
from mailer.parsing.kinds import kind_of

# Parts two lists that would be read as one.
LIST_SEPARATOR = "<!-- -->"


def join_blocks(blocks: Iterable[Block]) -> str:
    """Return the Markdown of several blocks as one text."""
    pieces: list[str] = []
    last = ""
    for block in blocks:
        if last == block.kind == "list":
            pieces.append(LIST_SEPARATOR)
        pieces.append(block.markdown)
        last = block.kind
    return "\n\n".join(pieces)


def split_blocks(text: str) -> tuple[Block, ...]:
    """Cut a Markdown text into its blocks. `line` counts from the beginning of `text`."""
    lines = text.split("\n")
    blocks = []
    tokens = commonmark().parse(text)
    for number, token in enumerate(tokens):
        if token.level or token.nesting < 0 or token.map is None:
            continue
        begin, end = token.map
        kind = kind_of(token)
        if kind == "paragraph" and _is_image(tokens[number + 1]):
            kind = "image"
        if lines[begin:end] == [LIST_SEPARATOR]:
            continue
        blocks.append(Block(kind, "\n".join(lines[begin:end]).rstrip("\n"), begin + 1))
    return tuple(blocks)


def _is_image(inline: Token) -> bool:
    seen = [child.type for child in inline.children or () if child.content.strip() or child.type == "image"]
    return seen == ["image"]
