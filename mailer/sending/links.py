"""The addresses, on our own site, that stand in a letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings

from mailer.models import Variant
from mailer.models.calendar import calendar_path, keep_events
from mailer.parsing.cards import Event
from mailer.parsing.issue import ParsedIssue, Section
from mailer.rendering.fences import card_in
from mailer.rendering.markdown import parse
from subscribers.tokens import Holder, make_token


def unsubscribe_url(token: str) -> str:
    """Return where a reader leaves the list: a page by GET, done by POST (RFC 8058)."""
    return f"{settings.SITE_URL}/u/{token}"


def preferences_url(token: str) -> str:
    """Return where a reader chooses subjects, language and pauses."""
    return f"{settings.SITE_URL}/p/{token}"


def web_url(variant: Variant) -> str:
    """Return where this variant can be read in a browser. It names no reader, so it can be passed on."""
    token = make_token("web", Holder(subscriber_id=variant.pk, campaign_id=variant.campaign_id))
    return f"{settings.SITE_URL}/w/{token}"


def calendar_addresses(issue: ParsedIssue) -> dict[tuple[int, int], str]:
    """Return where each event of an issue can be fetched for a calendar, by section and event, both counted from 0.

    Stores nothing. The address is made of what the event says, and leads to it once `keep_calendar` has kept it.
    """
    return {
        (position, number): f"{settings.SITE_URL}{calendar_path(event)}"
        for position, section in enumerate(issue.sections)
        for number, event in enumerate(_events(section))
    }


def keep_calendar(texts: Iterable[ParsedIssue]) -> None:
    """Keep a calendar entry for each event of these texts, for letters that are sent: they lead to what they say, however it is edited."""
    events = [event for text in texts for section in text.sections for event in _events(section)]
    if events:
        keep_events(events)


def _events(section: Section) -> Iterator[Event]:
    """The events that a letter shows as cards, in its order."""
    for block in section.blocks:
        for token in parse(block.markdown):
            card = card_in(token) if token.type == "fence" and not token.level else None
            if isinstance(card, Event):
                yield card
