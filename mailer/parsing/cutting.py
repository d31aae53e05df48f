"""A Markdown text cut into its blocks, and blocks joined to one text again."""

from __future__ import annotations

from collections.abc import Iterable

from mailer.parsing.commonmark import commonmark
from mailer.parsing.issue import Block
from mailer.parsing.kinds import top_level

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
    """Cut a Markdown text into its blocks, each in the lines it has there. `line` counts from the beginning of `text`.

    For text that is stored. What comes from outside goes through `tokens.split_markdown`, which takes meta lines, comments and
    references out of it.
    """
    lines = text.split("\n")
    return tuple(
        Block(each.kind, each.markdown or "\n".join(lines[each.begin : each.end]).rstrip("\n"), each.begin + 1)
        for each in top_level(commonmark().parse(text))
        if lines[each.begin : each.end] != [LIST_SEPARATOR]
    )
