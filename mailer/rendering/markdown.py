"""Markdown of blocks, parsed once: the tree that both the HTML and the plain text are made from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mailer.rendering.slots import clean

# Deeper than this, markdown-it leaves text out and HTML parsers (libxml2: 256 elements) give up. Lists count double.
DEEPEST = 40
LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
IMAGE_SCHEMES = frozenset({"http", "https"})
# How a Norwegian author begins a reply; the letter hangs a dash of its own.
REPLY_DASH = re.compile(r"^\s*[-–—‑]\s*")

_ADDRESS = re.compile(r"(?:(https?)://[^/?#\s]|(mailto|tel):\S)", re.IGNORECASE)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True, "maxNesting": DEEPEST})
    # An address that we don't like is dropped by whoever writes the link, and its words kept; markdown-it would
    # show the raw `[words](address)`.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005  # its name is part of the type
    return parser.enable(["table", "strikethrough"])


_PARSER = _parser()
OPTIONS = _PARSER.options


@lru_cache(maxsize=4096)
def parse(markdown: str) -> tuple[Token, ...]:
    """The tokens of CommonMark with tables and strikethrough. Raw HTML is text. Don't change them: they are shared."""
    source = clean(markdown)
    tokens = tuple(_PARSER.parse(source))
    if any(token.level >= DEEPEST - 1 for token in tokens):
        return (Token("code_block", "code", 0, content=source, block=True),)
    return tokens


def is_safe(address: str, schemes: frozenset[str] = LINK_SCHEMES) -> bool:
    """Whether a link or image may lead there: a whole address, of a scheme that runs nothing."""
    match = _ADDRESS.match(address)
    return match is not None and (match[1] or match[2]).lower() in schemes


def text_of(tokens: list[Token] | None) -> str:
    """The words of inline tokens, without marks."""
    parts = (
        " " if token.type in {"softbreak", "hardbreak"} else text_of(token.children) or token.content
        for token in tokens or ()
    )
    return "".join(parts)


def is_speaker(tokens: Sequence[Token], idx: int) -> bool:
    """Whether the paragraph at `idx` names who is quoted: a quotation's last, after another, beginning with "— "."""
    inside = 0 < idx < len(tokens) - 3 and tokens[idx + 3].type == "blockquote_close"
    return inside and tokens[idx - 1].type != "blockquote_open" and tokens[idx + 1].content.startswith("—")


def sole_link(inline: Token) -> Token | None:
    """The link that a paragraph consists of, if it has words of its own: such a paragraph is a button."""
    children = inline.children or []
    if len(children) < 3 or children[0].type != "link_open" or children[-1].type != "link_close":  # noqa: PLR2004  # open, words, close
        return None
    if sum(child.type == "link_open" for child in children) > 1 or any(child.type == "image" for child in children):
        return None
    address, words = str(children[0].attrGet("href") or ""), text_of(children[1:-1]).strip()
    wordless = not words or children[0].info == "auto" or is_safe(words) or words in address
    return None if wordless or not is_safe(address) else children[0]
