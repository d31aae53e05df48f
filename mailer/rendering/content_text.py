"""Blocks as plain text: what a person would have typed into a letter, from the same tree as the HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it.tree import SyntaxTreeNode

from mailer.parsing.cards import Card, Event, Note, Person
from mailer.parsing.issue import Block
from mailer.rendering import event_words
from mailer.rendering.fences import card_in
from mailer.rendering.fields import cut_at_fields
from mailer.rendering.markdown import REPLY_DASH, is_safe, parse
from mailer.rendering.slots import FieldSlot, typed, typed_line
from mailer.rendering.table_columns import alignment
from mailer.rendering.text_layout import LOWER, NO_BREAK, hang, table, underlined
from mailer.rendering.words import Words, phrase

INDENT = "    "

Calendar = Callable[[int], str]


@lru_cache(maxsize=4096)
def _tree(markdown: str) -> SyntaxTreeNode:
    return SyntaxTreeNode(parse(markdown))


@lru_cache(maxsize=4096)
def _held_together(text: str, unbroken: re.Pattern[str]) -> str:
    return unbroken.sub(lambda match: match[0].replace(" ", NO_BREAK), text)


@dataclass(slots=True)
class TextWriter:
    """Writes a letter's blocks one after the other, and numbers the addresses that their links lead to."""

    words: Words
    unbroken: re.Pattern[str]
    year: int | None = None
    fields: frozenset[str] = frozenset()
    numbers: dict[str, int] = field(default_factory=dict)
    _pending: list[str] = field(default_factory=list)
    _calendar: Calendar | None = None
    _events: int = 0

    def blocks(self, blocks: Sequence[Block], calendar: Calendar | None = None) -> str:
        """Blocks with an empty line between them, each with its links' addresses below.

        `calendar` gives the address of an event's .ics by the event's number among them.
        """
        self._calendar, self._events = calendar, 0
        nodes = [node for block in blocks for node in _tree(block.markdown).children]
        texts = [(node, text) for node in nodes if (text := self._with_addresses(node))]
        # Two empty lines before a heading, as before those of sections.
        apart = ("\n" if node.type == "heading" and number else "" for number, (node, _) in enumerate(texts))
        return "\n\n".join(more + text for more, (_, text) in zip(apart, texts, strict=True))

    def whole(self, text: str) -> str:
        """`text` with what must not be broken over two lines held together."""
        return _held_together(text, self.unbroken)

    def _with_addresses(self, node: SyntaxTreeNode) -> str:
        text = self._block(node, "")
        addresses = "\n".join(f"{INDENT}[{self.numbers[url]}] {typed(url)}" for url in dict.fromkeys(self._pending))
        self._pending.clear()
        return "\n\n".join(filter(None, [text, addresses]))

    def _block(self, node: SyntaxTreeNode, indent: str) -> str:
        match node.type:
            case "bullet_list" | "ordered_list":
                return self._list(node, indent or INDENT)
            case "blockquote":
                return self._quotation(node, indent or INDENT)
            case "table":
                return self._table(node, indent or INDENT)
            case "fence" | "code_block":
                return self._code(node, indent or INDENT)
            case "hr":
                return f"{indent or INDENT}* * *"
            case _:
                text = self._inline(node.children)
                return underlined(text, LOWER) if node.type == "heading" and not indent else hang(text, indent, indent)

    def _code(self, node: SyntaxTreeNode, indent: str) -> str:
        card = card_in(node.to_tokens()[0]) if node.type == "fence" and not node.level else None
        if card:
            return self._card(card)
        return "\n".join(indent + line for line in typed(node.content).rstrip().split("\n"))

    def _card(self, card: Card) -> str:
        match card:
            case Event():
                lines = self._event(card)
            case Person():
                lines = [", ".join(filter(None, [card.name, card.role])), card.phone, card.address]
            case Note():
                text = [self._block(node, INDENT) for node in _tree(card.text).children]
                return "\n".join(self._hung([card.heading])) + "\n" + "\n\n".join(text)
        return "\n".join(self._hung(lines))

    def _event(self, event: Event) -> list[str]:
        number, self._events = self._events, self._events + 1
        when = event_words.when(event, self.words, self.year)
        calendar = f"{self.words.calendar}: {self._calendar(number)}" if self._calendar else ""
        link = event.link if is_safe(event.link) else ""
        return [event.title, ", ".join(filter(None, [when, event.place])), link, calendar]

    def _hung(self, lines: Sequence[str]) -> list[str]:
        return [hang(self.whole(typed_line(line)), INDENT, INDENT) for line in lines if line.strip()]

    def _list(self, node: SyntaxTreeNode, indent: str) -> str:
        number = int(node.attrs.get("start", 1))
        items = []
        for item in node.children:
            mark = f"{number}. " if node.type == "ordered_list" else "- "
            items.append(self._item(item, indent, mark))
            number += 1
        loose = any("\n\n" in item for item in items)
        return ("\n\n" if loose else "\n").join(items)

    def _item(self, item: SyntaxTreeNode, indent: str, mark: str) -> str:
        inner = indent + " " * len(mark)
        tight = all(child.type != "paragraph" or child.hidden for child in item.children)
        text = ("\n" if tight else "\n\n").join(filter(None, (self._block(child, inner) for child in item.children)))
        return indent + mark + text.removeprefix(inner)

    def _quotation(self, node: SyntaxTreeNode, indent: str) -> str:
        inner = indent + "  "
        paragraphs = []
        for i, child in enumerate(node.children):
            text = self._block(child, inner)
            if i == 0 or (text.lstrip().startswith("—") and i == len(node.children) - 1):
                text = inner + REPLY_DASH.sub("", text.removeprefix(inner))
            paragraphs.append(text)
        return indent + "– " + "\n\n".join(paragraphs).removeprefix(inner)

    def _table(self, node: SyntaxTreeNode, indent: str) -> str:
        cells = [row.children for part in node.children for row in part.children]
        rows = [[self._inline(cell.children).replace("\n", " ") for cell in row] for row in cells]
        styles = [str(cell.attrs.get("style", "")) for cell in cells[0]]
        columns = zip(*rows[1:], strict=True) if rows[1:] else [()] * len(styles)
        right = [alignment(style, column) == "right" for style, column in zip(styles, columns, strict=True)]
        return table(rows, right, indent)

    def _inline(self, nodes: Sequence[SyntaxTreeNode]) -> str:
        return self.whole("".join(map(self._span, nodes)))

    def _span(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "text" | "code_inline":
                return self._words(node)
            case "softbreak" | "hardbreak":
                return " " if node.type == "softbreak" else "\n"
            case "s":
                return f"~~{''.join(map(self._span, node.children))}~~"
            case "link":
                return self._link(node)
            case "image":
                return self._image(node)
            case _:
                return "".join(map(self._span, node.children))

    def _words(self, node: SyntaxTreeNode) -> str:
        pieces = cut_at_fields(node.content, self.fields if node.type == "text" else frozenset())
        return "".join(str(piece) if isinstance(piece, FieldSlot) else typed(piece) for piece in pieces)

    def _link(self, node: SyntaxTreeNode) -> str:
        words = "".join(map(self._span, node.children))
        url = str(node.attrs.get("href", ""))
        if not is_safe(url) or typed(url).removeprefix("mailto:") == words or node.info == "auto":
            return words
        self.numbers.setdefault(url, len(self.numbers) + 1)
        self._pending.append(url)
        return f"{words}{NO_BREAK}[{self.numbers[url]}]"

    def _image(self, node: SyntaxTreeNode) -> str:
        description = typed("".join(child.content for child in node.children))
        caption = typed(str(node.attrs.get("title", "")))
        told = phrase(self.words.image, description=description) if description else ""
        return " ".join(filter(None, [f"[{told}]" if told else "", caption]))
