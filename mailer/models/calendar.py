"""An event of a letter as readers can put it into their calendars: kept as it was when the letter was made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import ClassVar, cast

from django.db import models

from mailer.parsing.cards import Event, read_card, write_card
from mailer.parsing.issue import Block


class CalendarEntry(models.Model):
    """One event, once, however many issues and letters tell of it. It names no reader.

    The issue may be edited after it was sent; what a letter links to stays what the letter says.
    """

    # Hexadecimal digits of SHA-256 that nobody guesses who has not read of the event.
    DIGITS: ClassVar[int] = 24

    digest = models.CharField(max_length=24, unique=True)
    card = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "calendar entries"

    def __str__(self) -> str:
        return self.event.title

    @property
    def event(self) -> Event:
        """What happens, where and when."""
        return cast("Event", read_card(Block("event", self.card)))

    @property
    def path(self) -> str:
        """Its address on the site."""
        return calendar_path(self.event)


def calendar_path(event: Event) -> str:
    """Return the address, on the site, of an event's calendar entry."""
    return f"/c/{_digest(write_card(event).markdown)}.ics"


def keep_events(events: Iterable[Event]) -> None:
    """Keep calendar entries for events; those that are kept already stay as they are."""
    cards = {write_card(event).markdown for event in events}
    CalendarEntry.objects.bulk_create(
        [CalendarEntry(digest=_digest(card), card=card) for card in sorted(cards)], ignore_conflicts=True
    )


def _digest(card: str) -> str:
    return hashlib.sha256(card.encode()).hexdigest()[: CalendarEntry.DIGITS]
