"""What every check is given: the issue's texts and links with their places, and the letters as readers get them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from lxml import html as lxml_html
from markdown_it.token import Token

from mailer.checking.findings import Place
from mailer.parsing.blocks import Link, block_text, links
from mailer.parsing.cards import CardError, Event, Note, read_card
from mailer.parsing.commonmark import commonmark, inline_text
from mailer.parsing.issue import Block, ParsedIssue
from mailer.rendering.letter import InterestName, Options, Reader
from mailer.rendering.markdown import parse
from mailer.rendering.slots import NAMES, SlotError, fill
from mailer.rendering.theme import Theme

if TYPE_CHECKING:
    from mailer.checking.reaching import Answer

CARDS = ("event", "person", "note")
# As long as the real ones: a token of 60 characters in an address of our own.
_ADDRESS = "https://brev.example.org/" + "x" * 75
STAND_INS = {name: _ADDRESS if name.endswith("_URL") else "Ada Example" for name in NAMES}


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the issue. Everything is optional: a check that lacks what it needs finds nothing.

    `language` is that of the findings. `sends` is the day the letter goes out (default: Monday of the issue's week),
    `last_reader` the day the last reader has it (default: the same). `segments` tells how many subscribers there are of
    each kind of reader. `translations` are the issue's, or `translation_of` the main text, of which it is one. `earlier` are
    the last issues that were sent, the newest first. `image_bytes` is the weight of those images that were taken in, by
    address; None where nobody looked. `reached` is what came of trying links (see `reaching.reach`), `source` what the
    issue was imported from. `slots` are values as long as a recipient's. `theme_problem` says why the organisation's own templates
    can't be used, and `theme_worked` that an earlier version of them is used instead. `time_zone` is that of events' times. `fields`
    are the organisation's own, by slug; None where nobody knows them.
    """

    language: str = "nb"
    sends: date | None = None
    last_reader: date | None = None
    segments: Mapping[Reader, int] | None = None
    translations: Sequence[ParsedIssue] = ()
    translation_of: ParsedIssue | None = None
    earlier: Sequence[ParsedIssue] = ()
    image_bytes: Mapping[str, int] | None = None
    reached: Mapping[str, Answer] = field(default_factory=dict)
    source: str = ""
    slots: Mapping[str, str] = field(default_factory=lambda: STAND_INS)
    options: Options = field(default_factory=Options)
    theme_problem: str = ""
    theme_worked: bool = False
    time_zone: str = "Europe/Oslo"
    fields: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the issue: plain words, what it is (a kind of block, "title", "preheader", "part" or "heading"), its place."""

    text: str
    kind: str
    place: Place | None = None
    line: int | None = None
    block: Block | None = None

    @property
    def prose(self) -> str:
        """The words without those that are meant to be code."""
        if self.kind == "code":
            return ""
        if self.block is None or self.kind in CARDS or "`" not in self.block.markdown:
            return self.text
        inlines = (token.children or [] for token in commonmark().parse(self.block.markdown))
        return "\n".join(inline_text([child for child in inline if child.type != "code_inline"]) for inline in inlines)


@dataclass(frozen=True, slots=True)
class PlacedLink:
    """A link and the section it stands in."""

    link: Link
    place: Place | None

    @property
    def target(self) -> str:
        """Where it leads, without blanks around it; empty where that was lost."""
        return (self.link.target or "").strip()


@dataclass(frozen=True)
class Letter:
    """One variant as it is sent: `reader` is one of those who share it."""

    reader: Reader
    subject: str
    preheader: str
    html: str
    text: str

    @cached_property
    def tree(self) -> lxml_html.HtmlElement:
        """The HTML, parsed as mail programs do."""
        return lxml_html.document_fromstring(self.html)

    def filled(self, slots: Mapping[str, str]) -> str:
        """The HTML with values in its slots; as it is where one has none."""
        try:
            return fill(self.html, {**STAND_INS, **slots}, escape=True)
        except SlotError:
            return self.html


@dataclass(frozen=True)
class Material:
    """An issue with everything that checks look at. The first letter is that of a reader who gets every section."""

    issue: ParsedIssue
    theme: Theme
    interests: tuple[InterestName, ...] = ()
    context: Context = Context()
    letters: tuple[Letter, ...] = ()

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The issue's texts, in the order of the letter."""
        return tuple(_passages(self.issue))

    @cached_property
    def links(self) -> tuple[PlacedLink, ...]:
        """The issue's links, those of cards among them."""
        return placed_links(self.issue)

    @cached_property
    def sends(self) -> date | None:
        """The day the letter goes out; None where neither the context nor the issue's week tells."""
        return self.context.sends or _first_day(self.issue)

    @cached_property
    def last_reader(self) -> date | None:
        """The day the last reader has it."""
        return max(filter(None, [self.context.last_reader, self.sends]), default=None)

    def interest_names(self, slugs: Iterable[str]) -> tuple[str, ...]:
        """What interests are called in the language of the findings."""
        named = {interest.slug: interest.in_language(self.context.language) for interest in self.interests}
        return tuple(named.get(slug, slug) for slug in slugs)


def groups(issue: ParsedIssue) -> Iterator[tuple[Place | None, tuple[Block, ...]]]:
    """The blocks of the intro, of each section, and of the closing, with their places."""
    yield None, issue.intro
    for position, section in enumerate(issue.sections):
        yield Place(position, section.heading), section.blocks
    yield None, issue.closing


def placed_links(issue: ParsedIssue) -> tuple[PlacedLink, ...]:
    """The links of an issue with the sections they stand in; those of events come last."""
    in_text = [PlacedLink(link, place) for place, blocks in groups(issue) for link in links(with_notes(blocks))]
    of_events = [
        PlacedLink(Link(card.title, card.link, block.line), place)
        for place, blocks in groups(issue)
        for block in blocks
        if isinstance(card := card_of(block), Event) and card.link
    ]
    return (*in_text, *_refused_links(issue), *of_events)


def _refused_links(issue: ParsedIssue) -> Iterator[PlacedLink]:
    """Links whose addresses parsing won't take for such: "javascript:". Rendering knows them, and leaves the words."""
    for place, blocks in groups(issue):
        for block in with_notes(blocks):
            for inline in parse(block.markdown) if "](" in block.markdown else ():
                for index, token in enumerate(inline.children or []):
                    address = str(token.attrs.get("href", ""))
                    if token.type == "link_open" and not commonmark().validateLink(address):
                        yield PlacedLink(Link(_words_after(index, inline.children or []), address, block.line), place)


def _words_after(start: int, tokens: Sequence[Token]) -> str:
    """The words of the link that opens at `start`."""
    end = next(place for place in range(start, len(tokens)) if tokens[place].type == "link_close")
    return inline_text(tokens[start + 1 : end])


def card_of(block: Block) -> object | None:
    """The card that a block is; None where it is none or can't be read."""
    try:
        return read_card(block) if block.kind in CARDS else None
    except CardError:
        return None


def with_notes(blocks: Iterable[Block]) -> list[Block]:
    """Blocks with the text of notes as Markdown, in which links can be found."""
    return [
        Block("paragraph", card.text, block.line) if isinstance(card := card_of(block), Note) else block
        for block in blocks
    ]


def _passages(issue: ParsedIssue) -> Iterator[Passage]:
    yield Passage(issue.title, "title")
    # One that was taken from the intro would only have its faults told twice.
    if not any(issue.preheader in block_text(block) for block in issue.intro):
        yield Passage(issue.preheader, "preheader")
    for text in issue.subjects.values():
        yield Passage(text, "title")
    for text in issue.preheaders.values():
        yield Passage(text, "preheader")
    for heading in issue.parts:
        yield Passage(heading, "part")
    for place, blocks in groups(issue):
        if place is not None:
            yield Passage(place.heading, "heading", place, issue.sections[place.position].line)
        for block in blocks:
            yield Passage(block_text(block), block.kind, place, block.line, block)


def _first_day(issue: ParsedIssue) -> date | None:
    """Return the Monday of the issue's week: where nobody says when it goes out, what may still be ahead is not called over."""
    if not issue.year or not issue.week:
        return None
    try:
        return date.fromisocalendar(issue.year, issue.week, 1)
    except ValueError:
        return None
