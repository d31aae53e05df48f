"""All that a letter's templates are given: texts made safe, phrases put together, decoration measured."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from mailer.parsing.issue import Block, ParsedIssue
from mailer.rendering.daylight import DAY_AND_NIGHT, WEEKS, hours, year_of_light
from mailer.rendering.letter import InterestName, Reader
from mailer.rendering.outline import Outline
from mailer.rendering.slots import typed_line
from mailer.rendering.theme import Daylight, Theme
from mailer.rendering.variant import chosen, interests_that_matter, more_and_less
from mailer.rendering.words import Words, phrase

LETTER_PX = 600
_SUN_PX = 40
_SMALL_SUN_PX = 16
_LONGEST_PREHEADER = 90
_LONGEST_SIGNATURE = 120
# Characters, a capital counting for one and a half, that have room beside each other in a title: on a phone, on a screen.
_TITLE_ON_PHONE = 9
_TITLE_ON_SCREEN = 13
_SHORT_TITLE = 30


@dataclass(frozen=True, slots=True)
class Sun:
    """Where the week's sun stands: shares of the letter's and of a divider's width, in %, left of it."""

    kind: str  # "half", "whole" (midnight sun) or "bar" (polar night)
    left: str
    divider_left: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What the header says: title, dates and daylight; the last two may be empty.

    `length` is "long" for a title that is set smaller on phones, "longest" for one that is set smaller everywhere.
    """

    title: str
    dates: str
    daylight: str
    length: str = ""


@dataclass(frozen=True, slots=True)
class Personal:
    """Why this reader gets the letter: a sentence, and the interests it ends in, if any."""

    lead: str
    interests: str


@dataclass(frozen=True, slots=True)
class MoreLess:
    """The links under a section: of which interests a reader may want more and less, as a part of an address and in words."""

    more: str
    less: str
    more_of: str
    less_of: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """Everything a template needs that depends on neither HTML nor plain text.

    `more_less` is by the section's position in the issue; a common section has none.
    """

    heading: Heading
    personal: Personal
    labels: Mapping[tuple[str, ...], str]
    sender: str
    address: tuple[str, ...]
    why: str
    preheader: str
    more_less: Mapping[int, MoreLess] = field(default_factory=dict)


class Speech:
    """Puts a letter's phrases together in one language, out of words that people typed."""

    def __init__(self, words: Words, language: str, interests: Sequence[InterestName]) -> None:
        self.words, self.language = words, language
        self._names = {interest.slug: typed_line(interest.in_language(language)) for interest in interests}

    def names(self, slugs: Sequence[str]) -> str:
        """Interests in running text; one that nobody has named goes by its slug."""
        return self.words.enumeration([self._names.get(slug) or typed_line(slug) for slug in slugs])

    def about(self, shape: str, slugs: Sequence[str]) -> str:
        """`shape` with the names of interests in it, or nothing for none."""
        return phrase(shape, interests=self.names(slugs)) if slugs else ""


def phrases(
    issue: ParsedIssue,
    reader: Reader,
    outline: Outline,
    speech: Speech,
    theme: Theme,
) -> Phrases:
    """What the letter says in the sender's name."""
    words, sender = speech.words, typed_line(theme.sender.name)
    labelled = {group.because for group in outline.groups}
    labelled |= {story.because for group in outline.groups for story in group.stories}
    labelled |= {row.because for row in outline.contents}
    return Phrases(
        heading=_heading(issue, theme.daylight, words),
        personal=_personal(issue, reader, speech),
        labels={slugs: speech.about(words.for_interests, slugs) for slugs in labelled},
        sender=sender,
        address=tuple(map(typed_line, theme.sender.address)),
        why=phrase(words.why, sender=sender),
        preheader=_preheader(issue, reader, outline),
        more_less=dict(_more_less(issue, reader, outline, speech)),
    )


def _more_less(issue: ParsedIssue, reader: Reader, outline: Outline, speech: Speech) -> Iterator[tuple[int, MoreLess]]:
    for position in outline.sections:
        if issue.sections[position].interests:
            more, less = more_and_less(issue.sections[position], reader)
            yield (
                position,
                MoreLess(quote(more, safe=""), quote(less, safe=""), speech.names((more,)), speech.names((less,))),
            )


def _heading(issue: ParsedIssue, daylight: Daylight | None, words: Words) -> Heading:
    title, dates = typed_line(issue.title), ""
    if issue.week:
        week = phrase(words.week, week=issue.week)
        named = _names_only_the_week(title, issue.week)
        days = _week_dates(issue, words)
        dates = days if named else ", ".join(filter(None, [week, days]))
    light = ""
    if daylight and issue.week:
        light = words.daylight_line(hours(daylight.latitude, issue.week), typed_line(daylight.place))
    return Heading(title, dates, light, _title_length(title))


def _title_length(title: str) -> str:
    """No word of a title should be broken, and no title fill a telephone's screen."""
    widest = max((len(word) + sum(map(str.isupper, word)) / 2 for word in title.split()), default=0)
    if widest > _TITLE_ON_SCREEN:
        return "longest"
    return "long" if widest > _TITLE_ON_PHONE or len(title) > _SHORT_TITLE else ""


def _names_only_the_week(title: str, week: int) -> bool:
    """Whether the title is one word and the week's number, in whatever language: "Uke 45"."""
    return re.fullmatch(rf"[^\W\d]+\s+0?{week}", title) is not None


def _week_dates(issue: ParsedIssue, words: Words) -> str:
    if not issue.year or not issue.week:
        return ""
    try:
        return words.week_dates(issue.year, issue.week)
    except ValueError:  # a week 53 in a year of 52: the importer asks about it, the letter goes without
        return ""


def _personal(issue: ParsedIssue, reader: Reader, speech: Speech) -> Personal:
    matter = interests_that_matter(issue, reader)
    if not reader.interests:
        return Personal(speech.words.everything, "")
    return Personal(speech.words.follows, speech.names(matter)) if matter else Personal(speech.words.for_all, "")


def _preheader(issue: ParsedIssue, reader: Reader, outline: Outline) -> str:
    """The sentence that an inbox shows beside the subject: the author's, else what the letter is about."""
    if written := typed_line(chosen(issue.preheaders, issue, reader) or issue.preheader):
        return written
    headings = [typed_line(group.heading or group.stories[0].heading) for group in outline.groups]
    line = ""
    for heading in filter(None, headings):
        longer = f"{line} · {heading}" if line else heading
        if line and len(longer) > _LONGEST_PREHEADER:
            break
        line = longer
    return line


def horizon(theme: Theme, week: int | None) -> tuple[tuple[str, str], ...]:
    """The year of light as cells of a colour and a width in %, or nothing where there is no place or no week."""
    if not theme.daylight or not week:
        return ()
    cells = year_of_light(theme.daylight.latitude)
    return tuple((colour, f"{weeks * 100 / WEEKS:.2f}") for colour, weeks in cells)


def sun(theme: Theme, week: int | None) -> Sun | None:
    """The sun of the week, kept inside the text's column; its centre is the same in the header and in dividers."""
    if not theme.daylight or not week:
        return None
    margin = theme.space.margin
    centre = LETTER_PX * (min(week, WEEKS) - 0.5) / WEEKS
    centre = min(max(centre, margin + _SUN_PX / 2), LETTER_PX - margin - _SUN_PX / 2)
    light = hours(theme.daylight.latitude, week)
    kind = "bar" if light <= 0 else "whole" if light >= DAY_AND_NIGHT else "half"
    column = LETTER_PX - 2 * margin
    return Sun(
        kind,
        f"{(centre - _SUN_PX / 2) * 100 / LETTER_PX:.2f}",
        f"{(centre - margin - _SMALL_SUN_PX / 2) * 100 / column:.2f}",
    )


def signed(closing: Sequence[Block]) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """The closing's lines and its signature: the last paragraph, if it is short and not the only one."""
    blocks = tuple(closing)
    if len(blocks) > 1 and blocks[-1].kind == "paragraph" and len(blocks[-1].markdown) <= _LONGEST_SIGNATURE:
        return blocks[:-1], blocks[-1:]
    return blocks, ()
