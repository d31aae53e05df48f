"""Cards whose lines can be read and still lead nowhere: a number nobody can ring, an address, an hour that no clock shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mailer.checking.findings import Place, Sighting, seen
from mailer.checking.material import Material, card_of, groups
from mailer.parsing.cards import Event, Person
from mailer.parsing.issue import Block
from mailer.rendering.markdown import is_safe
from mailer.rendering.people import mail_address

# Norway's shortest numbers have five digits, but for those of emergencies, which have three; E.164 allows fifteen. What has more
# is two numbers, and the letter's link would dial them as one.
_FEWEST, _MOST = 5, 15
_SHORT = re.compile(r"\s*\d{3}\s*")


def unclear_numbers(material: Material) -> Iterator[Sighting]:
    """A telephone number that is none."""
    for place, block, card in _cards(material):
        if isinstance(card, Person) and card.phone and not _is_number(card.phone):
            yield seen("card-phone-unclear", place, block.line, words=card.phone, name=card.name)


def unclear_addresses(material: Material) -> Iterator[Sighting]:
    """An address that is neither a mailbox nor a page: the letter shows it, and nobody can press it."""
    for place, block, card in _cards(material):
        if isinstance(card, Person) and card.address and not is_safe(mail_address(card.address)):
            yield seen("card-address-unclear", place, block.line, words=card.address, name=card.name)


def odd_hours(material: Material) -> Iterator[Sighting]:
    """Hours that the clock leaps over in spring, or shows twice in autumn."""
    zone = ZoneInfo(material.context.time_zone)
    for place, block, card in _cards(material):
        if not isinstance(card, Event):
            continue
        for moment in (card.start, card.end):
            if isinstance(moment, datetime) and (code := _oddness(moment, zone)):
                yield seen(code, place, block.line, words=card.title, when=moment)


def _is_number(text: str) -> bool:
    return _FEWEST <= sum(map(str.isdecimal, text)) <= _MOST or _SHORT.fullmatch(text) is not None


def _oddness(moment: datetime, zone: ZoneInfo) -> str:
    """What is odd about a naive moment in a zone (PEP 495): a gap has no such moment, a fold has two."""
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return ""
    exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment
    return "event-hour-twice" if exists else "event-hour-missing"


def _cards(material: Material) -> Iterator[tuple[Place | None, Block, object]]:
    for place, blocks in groups(material.issue):
        for block in blocks:
            if (card := card_of(block)) is not None:
                yield place, block, card


CHECKS = (unclear_numbers, unclear_addresses, odd_hours)
