"""Events announced in an issue's text, suggested as cards. Only what lies ahead of its week: no deadlines, nothing that has been."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice, pairwise

from mailer.parsing.announcements import Words, tells_no_event
from mailer.parsing.blocks import block_items, block_text
from mailer.parsing.cards import CardError, Event, SuggestedEvent, read_card
from mailer.parsing.dates import Clock, Day, find_clock, find_days, nearest
from mailer.parsing.issue import Block, ParsedIssue, Section, Unsure
from mailer.parsing.messages import unsure
from mailer.parsing.topics import SENTENCE_END

CODES = ("event-suggested", "weekday-mismatch")
_KINDS = ("paragraph", "list")
# More in one section is a calendar, which says what it says better than cards would.
_MOST = 12
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def suggest_events(issue: ParsedIssue) -> ParsedIssue:
    """Return the issue with the events that its sections announce as suggestions, in place of any it had.

    Days without a year are those nearest to the issue's week; without a year and a week nothing is suggested.
    """
    others = tuple(each for each in issue.unsure if each.code not in CODES)
    try:
        monday = date.fromisocalendar(issue.year or 0, issue.week or 0, 1)
    except ValueError:
        return replace(
            issue, sections=tuple(replace(each, events_suggested=()) for each in issue.sections), unsure=others
        )
    sections, remarks = [], list(others)
    for section in issue.sections:
        search = _Search(section, monday, [])
        sections.append(replace(section, events_suggested=tuple(islice(search.events(), _MOST))))
        remarks += search.remarks
    return replace(issue, sections=tuple(sections), unsure=tuple(sorted(remarks, key=lambda each: each.line)))


@dataclass(slots=True)
class _Search:
    """The search through one section, with what it has to say."""

    section: Section
    monday: date
    remarks: list[Unsure]

    def events(self) -> Iterator[SuggestedEvent]:
        """Each event once, and none that has a card already."""
        known = {_day_of(card) for card in _cards(self.section.blocks)}
        seen: set[tuple[str, date]] = set()
        for event, zone in self._found():
            key = (event.title.casefold(), _day_of(event))
            if _day_of(event) in known or key in seen:
                continue
            seen.add(key)
            self.remarks.append(
                unsure("event-suggested", event.line, event.title, when=f"{_when(event)} {zone}".rstrip())
            )
            yield event

    def _found(self) -> Iterator[tuple[SuggestedEvent, str]]:
        for block in self.section.blocks:
            if block.kind not in _KINDS:
                continue
            lines = _lines(block)
            for number, (line, text) in enumerate(lines):
                below = [each for _, each in lines[number + 1 : number + 4]]
                yield from self._in_line(line, text, below if block.kind == "paragraph" else [])

    def _in_line(self, line: int | None, text: str, below: Sequence[str]) -> Iterator[tuple[SuggestedEvent, str]]:
        sentences = SENTENCE_END.split(text)
        for index, sentence in enumerate(sentences):
            days = list(islice(find_days(sentence), 4))
            if not days or tells_no_event(sentence):
                continue
            after = [*sentences[index + 1 : index + 2], *below]
            bounds = [0, *(day.begin for day in days[1:]), len(sentence)]
            for day, (begin, end) in zip(days, pairwise(bounds), strict=True):
                words = Words(sentence, begin, end, day, after, self.section)
                event = self._event(line, sentence[begin:end], day, words)
                if event is not None:
                    yield event

    def _event(self, line: int | None, piece: str, day: Day, words: Words) -> tuple[SuggestedEvent, str] | None:
        if words.is_deadline():
            return None
        clock = find_clock(piece)
        title = words.title(has_clock=clock is not None)
        if not title:
            return None
        placed = nearest(day, self.monday)
        if placed is None:
            weekday = _WEEKDAYS[day.weekday or 0]
            self.remarks.append(unsure("weekday-mismatch", line, words.date_words, weekday=weekday))
            return None
        start, last = placed
        if (last or start) < self.monday:
            return None
        if last is None:
            clock = clock or next((found for each in words.after if (found := words.clock_in(each))), None)
        begins, ends = _moments(start, last, clock)
        # A time zone that is named is told to the editor: a card's time is the organisation's own.
        return SuggestedEvent(title, begins, ends, words.place(title), line=line), clock.zone if clock else ""


def _moments(start: date, last: date | None, clock: Clock | None) -> tuple[date | datetime, date | datetime | None]:
    if last is not None or clock is None:
        return start, last
    begins = datetime.combine(start, clock.start)
    ends = datetime.combine(start, clock.until) if clock.until else None
    return begins, ends + timedelta(days=1) if ends and ends <= begins else ends


def _lines(block: Block) -> list[tuple[int | None, str]]:
    """The lines or items of a block with their numbers, as far as they are known."""
    texts = block_items(block) if block.kind == "list" else [block_text(block)]
    lines = [line for text in texts for line in text.split("\n")]
    return [(None if block.line is None else block.line + offset, line) for offset, line in enumerate(lines)]


def _cards(blocks: Sequence[Block]) -> Iterator[Event]:
    for block in blocks:
        try:
            card = read_card(block) if block.kind == "event" else None
        except CardError:
            continue
        if isinstance(card, Event):
            yield card


def _day_of(event: Event) -> date:
    return event.start.date() if isinstance(event.start, datetime) else event.start


def _when(event: Event) -> str:
    return event.start.isoformat(" ", "minutes") if isinstance(event.start, datetime) else event.start.isoformat()
