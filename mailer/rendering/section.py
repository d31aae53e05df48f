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
from mailer.rendering.page import Sun
from mailer.rendering.pieces import Manner, Piece, pieces
from mailer.rendering.slots import typed_address
from mailer.rendering.theme import Theme


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the stories of a letter have in common, and all that their partials know of it."""

    theme: Theme
    manner: Manner
    language: str
    direction: str
    spoken: str
    sun: Sun | None


@dataclass(frozen=True, slots=True)
class StoryPlace:
    """A story and where it stands: in which group, first or last of it, under which labels, with a divider or without.

    `calendar` are the addresses of its events' .ics, or nothing.
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


@lru_cache(maxsize=1024)
def section_mjml(place: StoryPlace, around: Surroundings) -> Markup:
    """The partial `section.mjml` filled. Raises BrokenTemplateError."""
    unbroken = around.manner.unbroken
    body_level = place.level if place.heading else place.level - 1
    context = {
        "theme": around.theme,
        "words": around.manner.words,
        "language": around.language,
        "direction": around.direction,
        "spoken": around.spoken,
        "sun": around.sun,
        "first": place.first,
        "last": place.last,
        "divided": place.divided,
        "group": {"anchor": place.anchor, "heading": _line(place.group_heading, unbroken), "label": place.group_label},
        "story": {
            "heading": _line(place.heading, unbroken),
            "label": place.label,
            "level": place.level,
            "pieces": filled(pieces(place.blocks, body_level, around.manner), place.calendar),
        },
    }
    return Markup(templates.render("_partials/section.mjml", around.theme.folders, context))  # noqa: S704  # autoescaped


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


def _line(text: str, unbroken: str) -> Markup:
    return Markup(inline_html(text, unbroken))  # noqa: S704  # escaped by content_html
