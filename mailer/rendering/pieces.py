"""What a body consists of: runs of text, and the pieces between them that have a partial of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markdown_it.token import Token
from markupsafe import Markup

from mailer.parsing.cards import Event, Note, Person
from mailer.parsing.issue import Block
from mailer.rendering import event_words
from mailer.rendering.content_html import HtmlWriter, inline_html
from mailer.rendering.fences import card_in
from mailer.rendering.markdown import is_safe, parse, sole_link, text_of
from mailer.rendering.people import initial, mail_address
from mailer.rendering.pictures import picture
from mailer.rendering.slots import typed_address, typed_attribute, typed_line
from mailer.rendering.words import Words, phrase
from mailer.rendering.writing_direction import Direction, isolated


@dataclass(frozen=True, slots=True)
class Manner:
    """How the words of a letter are set. `year` is the issue's: events in it needn't tell theirs."""

    unbroken: str
    words: Words
    year: int | None = None
    site_url: str = ""
    direction: Direction = "ltr"
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Piece:
    """`kind` names the partial, `fields` are what it is given, safe to put in as they are."""

    kind: str
    fields: Mapping[str, Any]


@lru_cache(maxsize=4096)
def pieces(blocks: tuple[Block, ...], level: int, manner: Manner) -> tuple[Piece, ...]:
    """The pieces of some blocks that stand under a heading of `level`, neighbouring text put together."""
    return tuple(_Divider(level, manner).pieces(blocks))


class _Divider:
    """Divides one body; counts its events and buttons."""

    def __init__(self, level: int, manner: Manner) -> None:
        self._manner, self._level = manner, level
        self._html = _writer(level, manner)
        self._events = self._buttons = 0

    def pieces(self, blocks: Sequence[Block]) -> Iterator[Piece]:
        run: list[str] = []
        for block in blocks:
            for node in _nodes(parse(block.markdown)):
                piece = self._piece(node)
                if piece is None:
                    run.append(self._html.write(node))
                    continue
                if run:
                    yield _text(run)
                    run = []
                yield piece
        if run:
            yield _text(run)

    def _piece(self, node: Sequence[Token]) -> Piece | None:
        """The piece that a top-level element is, or None where it is text."""
        if node[0].type == "fence":
            return self._card(node[0])
        if node[0].type == "blockquote_open":
            return Piece("quotation", {"html": _safe(self._html.quotation(node))})
        if node[0].type != "paragraph_open":
            return None
        return self._button(node[1]) if sole_link(node[1]) else self._image(node[1])

    def _card(self, fence: Token) -> Piece | None:
        match card_in(fence):
            case Event() as event:
                return self._event(event)
            case Person() as person:
                return self._person(person)
            case Note() as note:
                return self._note(note)
        return None

    def _note(self, note: Note) -> Piece:
        text = _writer(self._level, self._manner).write(parse(note.text))
        return Piece("note", {"heading": self._line(note.heading), "html": _safe(text)})

    def _event(self, event: Event) -> Piece:
        manner, number = self._manner, self._events
        self._events += 1
        day, month = event_words.block(event, manner.words)
        return Piece(
            "event",
            {
                "title": self._line(event.title),
                "address": _address(event.link),
                "day": day,
                "month": month,
                # Not `_line`, which would break what the words hold together.
                "when": _safe(inline_html(event_words.when(event, manner.words, manner.year), manner.unbroken)),
                "place": self._line(event.place),
                "number": number,
                "calendar_label": _attribute(f"{manner.words.calendar}: {event.title}"),
            },
        )

    def _person(self, person: Person) -> Piece:
        return Piece(
            "person",
            {
                "name": self._line(person.name),
                "role": self._line(person.role),
                "phone": self._line(person.phone),
                "call": _phone_address(person.phone),
                "initial": self._line(initial(person.name)),
                "address": _address(mail_address(person.address)),
                # What no link can lead to still tells people something.
                "elsewhere": self._line(person.address),
                "write_to": phrase(self._manner.words.write_to, name=typed_line(person.name)),
            },
        )

    def _button(self, inline: Token) -> Piece:
        link = (inline.children or [])[0]
        inside = (inline.children or [])[1:-1]
        words = isolated(self._html.inside(inside), text_of(inside), self._manner.direction)
        second, self._buttons = bool(self._buttons), self._buttons + 1
        return Piece(
            "button", {"html": _safe(words), "address": _address(str(link.attrGet("href") or "")), "second": second}
        )

    def _image(self, inline: Token) -> Piece | None:
        """A paragraph that is one image, perhaps as a link."""
        tokens = inline.children
        if not tokens:
            return None
        link = tokens[0] if len(tokens) == 3 and tokens[0].type == "link_open" else None  # noqa: PLR2004  # open, image, close
        image = tokens[1] if link else tokens[0]
        if image.type != "image" or (not link and len(tokens) > 1):
            return None
        shown = picture(str(image.attrGet("src") or ""), self._manner.site_url)
        if shown is None:
            return None
        alt = text_of(image.children)
        return Piece(
            "image",
            {
                "source": _safe(typed_address(shown.address)),
                "width": shown.width,
                "height": shown.height,
                "alt": _attribute(alt),
                "caption": self._line(str(image.attrGet("title") or "")),
                # A link around a decorative picture would have no words.
                "address": _address(str(link.attrGet("href") or "")) if link and alt.strip() else "",
            },
        )

    def _line(self, text: str) -> Markup:
        return _safe(inline_html(" ".join(text.split()), self._manner.unbroken, self._manner.direction))


def _writer(level: int, manner: Manner) -> HtmlWriter:
    return HtmlWriter(level, manner.unbroken, manner.site_url, manner.direction, manner.fields)


def _nodes(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The top-level elements, each with all its tokens."""
    start = 0
    for end, token in enumerate(tokens, 1):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start:end]
            start = end


def _text(run: Sequence[str]) -> Piece:
    return Piece("text", {"html": _safe("".join(run))})


def _address(url: str) -> Markup:
    """An address as the inside of an attribute; empty for one that no link may lead to."""
    return _safe(typed_address(url)) if is_safe(url) else Markup()


def _phone_address(phone: str) -> Markup:
    """The number as a telephone is told it (RFC 3966): what people write between the digits is for people."""
    digits = re.sub(r"[^0-9+]", "", phone)
    return _safe(f"tel:{digits}") if digits.strip("+") else Markup()


def _attribute(text: str) -> Markup:
    return _safe(typed_attribute(text))


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704  # escaped by content_html or slots
