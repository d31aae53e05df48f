"""One story as MJML, made once for all the letters that show it alike: most of a letter is the same for most readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from mailer.parsing.issue import Block
from mailer.rendering import templates
from mailer.rendering.content_html import inline_html
from mailer.rendering.page import MoreLess, Sun
from mailer.rendering.pieces import Manner, Piece, pieces
from mailer.rendering.slots import typed_address, typed_attribute
from mailer.rendering.theme import Theme
from mailer.rendering.words import direction
from mailer.rendering.writing_direction import Direction


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the stories of a letter have in common, and all that their partials know of it."""

    theme: Theme
    manner: Manner
    language: str
    direction: Direction
    spoken: str
    sun: Sun | None

    @property
    def speaking(self) -> Markup:
        """The attributes of an element with fixed words in it: their language where it isn't the author's."""
        if not self.spoken:
            return Markup()
        ours = direction(self.spoken)
        return Markup(' lang="{}"').format(self.spoken) + (
            Markup() if ours == self.direction else Markup(' dir="{}"').format(ours)
        )

    @property
    def writing(self) -> Markup:
        """The attributes of the author's words inside of such an element."""
        if not self.spoken:
            return Markup()
        turned = direction(self.spoken) != self.direction
        return Markup(' lang="{}"').format(self.language) + (
            Markup(' dir="{}"').format(self.direction) if turned else Markup()
        )


@dataclass(frozen=True, slots=True)
class StoryPlace:
    """A story and where it stands: in which group, first or last of it, under which labels, with a divider or without.

    `calendar` are the addresses of its events' .ics, or nothing; `more_less` is for the links below it, if it has them.
    """

    anchor: str
    group_heading: str
    group_label: str
    heading: str
    label: str
    level: int
    blocks: tuple[Block, ...]
    first: bool
    last: bool
    divided: bool
    calendar: tuple[str, ...] = ()
    more_less: MoreLess | None = None


@lru_cache(maxsize=1024)
def section_mjml(place: StoryPlace, around: Surroundings) -> Markup:
    """The partial `section.mjml` filled. Raises BrokenTemplateError."""
    body_level = place.level if place.heading else place.level - 1
    context = {
        "theme": around.theme,
        "words": around.manner.words,
        "language": around.language,
        "direction": around.direction,
        "spoken": around.spoken,
        "speaking": around.speaking,
        "writing": around.writing,
        "sun": around.sun,
        "first": place.first,
        "last": place.last,
        "divided": place.divided,
        "group": {
            "anchor": place.anchor,
            "heading": _line(place.group_heading, around.manner),
            "label": place.group_label,
        },
        "story": {
            "heading": _line(place.heading, around.manner),
            "label": place.label,
            "level": place.level,
            "pieces": filled(pieces(place.blocks, body_level, around.manner), place.calendar),
            "choices": _choices(place.more_less, around),
        },
    }
    return Markup(templates.render("_partials/section.mjml", around.theme.folders, context))  # noqa: S704  # autoescaped


def _choices(more_less: MoreLess | None, around: Surroundings) -> list[dict[str, Any]]:
    """The links "more of this" and "less of this": path below the preferences' address, words, and words for who can't see the section."""
    if more_less is None:
        return []
    words = around.manner.words
    return [
        {"path": path, "words": said, "label": Markup(typed_attribute(f"{said}: {interest}"))}  # noqa: S704  # escaped there
        for path, said, interest in (
            (f"more/{more_less.more}", words.more, more_less.more_of),
            (f"less/{more_less.less}", words.less, more_less.less_of),
        )
    ]


def filled(found: Sequence[Piece], calendar: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Pieces as their partials take them, events with the addresses that lead to a calendar."""
    return [{"kind": piece.kind, "calendar": _calendar(piece, calendar), **piece.fields} for piece in found]


def events_in(blocks: tuple[Block, ...], manner: Manner) -> int:
    """How many events a body has."""
    return sum(piece.kind == "event" for piece in pieces(blocks, 2, manner))


def _calendar(piece: Piece, calendar: Sequence[str]) -> Markup:
    if piece.kind != "event" or not calendar:
        return Markup()
    return Markup(typed_address(calendar[piece.fields["number"]]))  # noqa: S704  # escaped there


def _line(text: str, manner: Manner) -> Markup:
    return Markup(inline_html(text, manner.unbroken, manner.direction))  # noqa: S704  # escaped by content_html
