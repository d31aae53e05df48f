"""An event of a letter as a file that any calendar can read (RFC 5545)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import icalendar
from django.conf import settings

from mailer.models import CalendarEntry
from mailer.parsing.cards import Event

_A_DAY = timedelta(days=1)


def to_ics(entry: CalendarEntry) -> bytes:
    """Return an entry as an iCalendar file. Raises CardError for an entry that tells no event.

    Its UID depends on what the event is, so that an event which two letters tell of stands in a reader's calendar once.
    """
    event = entry.event
    component = icalendar.Event()
    component.add("uid", f"{entry.digest}@{urlsplit(settings.SITE_URL).hostname}")
    component.add("dtstamp", entry.created_at)
    component.add("summary", event.title)
    _add_times(component, event)
    if event.place:
        component.add("location", event.place)
    if event.link:
        component.add("url", event.link)
        # Outlook and Google Calendar show no URL.
        component.add("description", event.link)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Ukebrev//Ukebrev//NO")
    calendar.add("version", "2.0")
    calendar.add_component(component)
    last = event.end or event.start
    # The rules of the years around the event: all of them would make the file twenty times as long.
    calendar.add_missing_timezones(date(event.start.year, 1, 1), date(last.year + 1, 12, 31))
    written: bytes = calendar.to_ical()
    return written


def _add_times(component: icalendar.Event, event: Event) -> None:
    if isinstance(event.start, datetime):
        zone = ZoneInfo(settings.TIME_ZONE)
        component.add("dtstart", event.start.replace(tzinfo=zone))
        if isinstance(event.end, datetime):
            component.add("dtend", event.end.replace(tzinfo=zone))
        return
    component.add("dtstart", event.start)
    # The first day that is no longer part of it (RFC 5545, 3.6.1).
    component.add("dtend", (event.end or event.start) + _A_DAY)
    component.add("transp", "TRANSPARENT")  # nobody is busy all day because a fair is on
