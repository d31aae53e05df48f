"""Days that are wrong, or will be when the letter is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from mailer.checking.dates import days_in
from mailer.checking.findings import Sighting, Term, Value, seen
from mailer.checking.material import CARDS, Material, Passage, card_of, groups
from mailer.checking.phrases import whole_words
from mailer.parsing.cards import CardError, Event, unreadable_cards

# "Neste uke" above a list is read with the letter's date.
_HEADINGS = {"part", "heading"}
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[^\W\d_a-zæøå]|[«“\"(-])|\n+")


def impossible_dates(material: Material) -> Iterator[Sighting]:
    """Days that no calendar has."""
    for passage in _prose(material):
        for day in days_in(passage.text):
            if not day.exists:
                yield seen("date-impossible", passage.place, passage.line, words=day.words)


def wrong_weekdays(material: Material) -> Iterator[Sighting]:
    """A weekday that belongs to another date."""
    for passage in _prose(material):
        for day in days_in(passage.text):
            right = day.nearest(material.sends)
            if right is not None and day.contradicts(material.sends):
                yield seen("weekday-wrong", passage.place, passage.line, words=day.words, right=right)


def past_dates(material: Material) -> Iterator[Sighting]:
    """What is announced for a day that is over: when the letter goes out, or when its last reader gets it."""
    sends, last = material.sends, material.last_reader
    if sends is None or last is None:
        return
    for passage, sentence in _sentences(material):
        if not _announces(sentence):
            continue
        for day in days_in(sentence):
            when = day.nearest(sends)
            if when is not None and when < last:
                code = "date-past" if when < sends else "date-passing"
                yield seen(code, passage.place, passage.line, words=day.words, when=when, sends=sends, last=last)


def relative_dates(material: Material) -> Iterator[Sighting]:
    """True on one day only: "om to uker". Fine where the sentence has the date as well, or tells what has been."""
    both_ways = ["either"] if material.issue.week else ["either", "this_week"]
    for passage, sentence in _sentences(material):
        if days_in(sentence) or passage.kind in _HEADINGS:
            continue
        lists = ["ahead", *(both_ways if _announces(sentence) else ())]
        found = next(filter(None, (whole_words(key).search(sentence) for key in lists)), None)
        if found:
            words = found[0][0].upper() + found[0][1:]
            yield seen("date-relative", passage.place, passage.line, words=words)


def past_events(material: Material) -> Iterator[Sighting]:
    """Cards of events that are over before the letter, or its last copy, arrives."""
    if material.last_reader is None:
        return
    for place, blocks in groups(material.issue):
        for block in blocks:
            card = card_of(block)
            if isinstance(card, Event) and (day := _last_day(card)) < material.last_reader:
                yield seen("event-past", place, block.line, words=card.title, when=day)


def broken_cards(material: Material) -> Iterator[Sighting]:
    """Cards that can't be read."""
    for place, blocks in groups(material.issue):
        for block, fault in unreadable_cards(blocks):
            yield seen(fault.code, place, block.line, **_worded(fault))


def _worded(fault: CardError) -> dict[str, Value]:
    """The values of a fault, with our own words for cards in the language of the findings."""
    values: dict[str, Value] = dict(fault.values)
    kind = fault.values.get("kind")
    if kind:
        values |= {"kind": Term(f"card-{kind}"), "known": Term(f"card-lines-{kind}")}
    if fault.code == "card-key-missing":
        values["key"] = Term(f"card-key-{fault.values['key']}")
    return values


def _last_day(event: Event) -> date:
    end = event.end or event.start
    return end.date() if isinstance(end, datetime) else end


def _announces(sentence: str) -> bool:
    return whole_words("future").search(sentence) is not None and whole_words("past").search(sentence) is None


def _prose(material: Material) -> Iterator[Passage]:
    return (passage for passage in material.passages if passage.kind not in {"code", *CARDS})


def _sentences(material: Material) -> Iterator[tuple[Passage, str]]:
    for passage in _prose(material):
        for sentence in _SENTENCE_END.split(passage.text):
            yield passage, sentence


CHECKS = (impossible_dates, wrong_weekdays, past_dates, relative_dates, past_events, broken_cards)
