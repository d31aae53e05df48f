"""Whether an issue and its translations tell readers the same: sections, pictures, cards, links, and for whom each section is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from mailer.checking.findings import Place, Quoted, Sighting, Term, seen
from mailer.checking.images import images_in
from mailer.checking.material import Material, card_of, placed_links
from mailer.checking.pairing import pairs
from mailer.parsing.blocks import block_text, links
from mailer.parsing.cards import Event, Note, Person
from mailer.parsing.commonmark import commonmark
from mailer.parsing.issue import Block, ParsedIssue, Section

_SPOKEN = {"nb", "nn", "en"}
_CARDS = ((Event, "event"), (Person, "person"), (Note, "note"))


@dataclass(frozen=True)
class _Told:
    """A section, and what there is in it beside words, which is the same in every language."""

    position: int
    section: Section

    @cached_property
    def marks(self) -> frozenset[str]:
        """What is likely to be the same in a translation of the section."""
        alone = ParsedIssue("", sections=(self.section,))
        targets = {each.target for each in placed_links(alone) if each.target}
        starts = {str(event.start) for event in self.events}
        return frozenset({*targets, *starts, *(image.address for image in images_in(alone))})

    @cached_property
    def events(self) -> list[Event]:
        """The events of its cards."""
        return [card for block in self.section.blocks if isinstance(card := card_of(block), Event)]

    @cached_property
    def counts(self) -> Counter[str]:
        """How many there are of each thing that a translation may lack."""
        found = Counter(
            name for block in self.section.blocks for kind, name in _CARDS if isinstance(card_of(block), kind)
        )
        kept = [link for link in links(self.section.blocks) if link.target]
        buttons = sum(map(_is_button, self.section.blocks))
        pictures = len(images_in(ParsedIssue("", sections=(self.section,))))
        return found + Counter(picture=pictures, button=buttons, link=len(kept) - buttons)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A section of the main text and its translation; `place` is that of the one that is checked."""

    main: _Told
    other: _Told
    language: Term | str
    place: Place


def missing_sections(material: Material) -> Iterator[Sighting]:
    """A translation with more sections or fewer."""
    for main, other in _editions(material):
        alone = [first or second for first, second in _matched(main, other) if first is None or second is None]
        if alone:
            yield seen(
                "translation-sections",
                language=_language(other),
                here=len(main.sections),
                there=len(other.sections),
                names=tuple(Quoted(_name(told)) for told in alone if told),
            )


def missing_things(material: Material) -> Iterator[Sighting]:
    """Sections whose translation has fewer pictures, cards, buttons or links."""
    for pair in _pairs(material):
        lacking = tuple(Term(f"lacks-{name}") for name in pair.main.counts - pair.other.counts)
        if lacking:
            yield seen("translation-lacks", pair.place, words=_name(pair.main), language=pair.language, names=lacking)


def other_interests(material: Material) -> Iterator[Sighting]:
    """Sections that are for some readers in one language and for others in another."""
    for pair in _pairs(material):
        here, there = pair.main.section.interests, pair.other.section.interests
        if set(here) != set(there):
            yield seen(
                "translation-interests",
                pair.place,
                words=_name(pair.main),
                language=pair.language,
                here=_whom(material, here),
                there=_whom(material, there),
            )


def other_times(material: Material) -> Iterator[Sighting]:
    """Events that start at another time in the translation."""
    for pair in _pairs(material):
        # Where one has more, which event is which is not known; that some are missing is told.
        same_number = len(pair.main.events) == len(pair.other.events)
        for here, there in zip(pair.main.events, pair.other.events, strict=True) if same_number else ():
            if here.start != there.start:
                yield seen(
                    "translation-times",
                    pair.place,
                    words=here.title,
                    language=pair.language,
                    here=here.start,
                    there=there.start,
                )


def _editions(material: Material) -> Iterator[tuple[ParsedIssue, ParsedIssue]]:
    """The main text with each translation, as far as one of the two is what is checked."""
    context = material.context
    for translation in context.translations:
        yield material.issue, translation
    if context.translation_of is not None:
        yield context.translation_of, material.issue


def _pairs(material: Material) -> Iterator[_Pair]:
    """The sections that have a translation."""
    for main, other in _editions(material):
        for first, second in _matched(main, other):
            if first is not None and second is not None:
                checked = first if main is material.issue else second
                place = Place(checked.position, checked.section.heading)
                yield _Pair(first, second, _language(other), place)


def _matched(main: ParsedIssue, other: ParsedIssue) -> Iterator[tuple[_Told | None, _Told | None]]:
    return pairs(_told(main), _told(other), _likeness)


def _told(issue: ParsedIssue) -> Sequence[_Told]:
    return [_Told(position, section) for position, section in enumerate(issue.sections)]


def _likeness(one: _Told, other: _Told) -> float:
    """How likely it is that one section is the other's translation: by what they lead to and show, for whom they are, their length."""
    shared = len(one.marks & other.marks)
    apart = len(one.marks ^ other.marks)
    same_readers = set(one.section.interests) == set(other.section.interests)
    lengths = sorted(sum(len(block.markdown) for block in each.section.blocks) + 1 for each in (one, other))
    return 1 + 2 * shared - apart / 2 + same_readers + lengths[0] / lengths[1]


def _is_button(block: Block) -> bool:
    """Whether a paragraph is one link and nothing else."""
    if block.kind != "paragraph":
        return False
    inline = next((token.children or [] for token in commonmark().parse(block.markdown) if token.type == "inline"), [])
    kinds = [token.type for token in inline if token.type != "text" or token.content.strip()]
    return kinds[:1] == ["link_open"] and kinds[-1:] == ["link_close"] and kinds.count("link_open") == 1


def _name(told: _Told) -> str:
    """What a section is called: its heading, or its first words."""
    opening = block_text(told.section.blocks[0]) if told.section.blocks else ""
    return told.section.heading or opening


def _whom(material: Material, slugs: Sequence[str]) -> Term | tuple[str, ...]:
    return material.interest_names(slugs) if slugs else Term("everyone")


def _language(issue: ParsedIssue) -> Term | str:
    return Term(f"language-{issue.language}") if issue.language in _SPOKEN else issue.language


CHECKS = (missing_sections, missing_things, other_interests, other_times)
