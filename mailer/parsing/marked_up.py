"""Markdown that nobody wrote for us (without front matter, or made from HTML) becomes elements, as plain text does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mailer.parsing.blocks import block_items
from mailer.parsing.card_words import KINDS
from mailer.parsing.elements import Element
from mailer.parsing.furniture import drop_furniture
from mailer.parsing.inline import to_markdown
from mailer.parsing.issue import Dropped
from mailer.parsing.lines import Line, plain_text
from mailer.parsing.looks import heading_mark, is_caps
from mailer.parsing.plain import PlainText
from mailer.parsing.quotations import is_dashed_quotation, is_marked_quotation, opens_with_dash, without_dash
from mailer.parsing.tokens import MarkdownBlock, split_markdown

_ALL_BOLD = re.compile(r"(?:\*\*|__)((?:(?!\*\*|__).)+)(?:\*\*|__)[:\\]?")
_SPACES = re.compile(r"[^\S\n]+")
_SHORT = 100


def read_markdown(text: str, left_out: Sequence[Dropped] = ()) -> PlainText:
    """Take a Markdown text apart. `left_out` is what was dropped before it became Markdown."""
    split = split_markdown(_SPACES_IN_TEXT.sub(" ", plain_text(text)))
    shown = [Line(block.line, _shown(block)) for block in split.blocks]
    kept, furniture = drop_furniture(shown)
    elements: list[Element] = []
    divided = False
    for block, line in zip(split.blocks, kept, strict=True):
        if block.kind == "rule":
            divided = True
        elif line.text or block.kind in {"image", "code"}:
            elements.append(replace(_element(block), breaks_before=divided))
            divided = False
    dropped: list[Dropped] = sorted([*left_out, *split.dropped, *furniture], key=lambda each: each.line)
    return PlainText(elements, dropped)


_SPACES_IN_TEXT = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")


def _shown(block: MarkdownBlock) -> str:
    """A block as one line, for the eyes that look for furniture; a list of links is a menu."""
    if block.kind == "list":
        items = block_items(block.block())
        return " | ".join(items) if len(items) > 1 else f"- {''.join(items)}"
    return _SPACES.sub(" ", block.text.replace("\n", " ")).strip()


def _element(block: MarkdownBlock) -> Element:
    text = _SPACES.sub(" ", block.text).strip()
    if block.level:
        return Element("paragraph", text, block.markdown, block.line, f"hash {block.level}")
    if block.kind != "paragraph":
        return Element(block.kind, text, _tidy(block), block.line)
    return _quotation(block, text) or _paragraph(block, text)


def _quotation(block: MarkdownBlock, text: str) -> Element | None:
    if opens_with_dash(text) and is_dashed_quotation(text[0], without_dash(text), tight=text[1:2] != " "):
        return Element("quotation", without_dash(text), _quoted(block), block.line)
    if is_marked_quotation(text):
        return Element("quotation", text, f"> {block.markdown}".replace("\n", "\n> "), block.line)
    return None


def _paragraph(block: MarkdownBlock, text: str) -> Element:
    """A paragraph, or a line that is marked as a heading by its bold, capitals or number."""
    bold = _ALL_BOLD.fullmatch(block.markdown)
    if bold and len(text) <= _SHORT and bold[1].strip():
        words = text.rstrip(":")
        return Element("paragraph", words, block.markdown, block.line, "caps" if is_caps(words) else "bold")
    mark = heading_mark(text) if "\n" not in text and to_markdown(text) == block.markdown else None
    if mark and mark[0] in {"caps", "number 1", "number 2"}:
        return Element("paragraph", mark[1], block.markdown, block.line, mark[0])
    return Element("paragraph", text, _tidy(block), block.line)


def _tidy(block: MarkdownBlock) -> str:
    """Doubled spaces made single, but not those that indent an item."""
    if block.kind in {"code", "table", *KINDS}:
        return block.markdown
    markdown = block.markdown
    if block.kind == "paragraph":
        # Line breaks that only fold the source become spaces; those that were meant become backslashes.
        markdown = re.sub(r"(?<!\\)\n", " ", re.sub(r" {2,}\n", "\\\\\n", markdown))
    return re.sub(r"(?<=\S) {2,}(?=\S)", " ", markdown)


def _quoted(block: MarkdownBlock) -> str:
    words = re.sub(r"^\\?[-–—]\s*", "", block.markdown)
    return f"> {words}".replace("\n", "\n> ")
