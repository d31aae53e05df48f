from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from mailer.models import CalendarEntry, Variant
from mailer.models.calendar import calendar_path, keep_events
from mailer.parsing.cards import Event, write_card
from mailer.parsing.issue import Block, Section
from tests.factories import SubscriberFactory, make_issue
from tests.public.delivered import delivered

# ruff: noqa: DTZ001  # a card's times are the organisation's own

pytestmark = pytest.mark.django_db(transaction=True)

OSLO = ZoneInfo("Europe/Oslo")
WEBINAR = Event(
    "Webinar: næringslivet; nå, og da",
    datetime(2021, 11, 17, 12),
    datetime(2021, 11, 17, 13, 30),
    place="Teams, rom 2",
    link="https://example.org/w?a=1;b=2,3",
)


@pytest.fixture
def fetch(client):
    """The event that a calendar reads from the file of an event card, and the answer it came in."""

    def fetched(event):
        keep_events([event])
        answer = client.get(calendar_path(event))
        (read,) = icalendar.Calendar.from_ical(answer.content).events
        return read, answer

    return fetched


def test_a_calendar_reads_what_the_card_says(fetch):
    read, answer = fetch(WEBINAR)
    assert (str(read["SUMMARY"]), str(read["LOCATION"])) == (WEBINAR.title, WEBINAR.place)
    assert str(read["URL"]) == str(read["DESCRIPTION"]) == WEBINAR.link
    assert read.start == datetime(2021, 11, 17, 12, tzinfo=OSLO)
    assert read.end == datetime(2021, 11, 17, 13, 30, tzinfo=OSLO)
    assert read["DTSTAMP"].dt == CalendarEntry.objects.get().created_at.replace(microsecond=0)
    assert b"DTSTART;TZID=Europe/Oslo:20211117T120000\r\n" in answer.content
    assert max(map(len, answer.content.split(b"\r\n"))) <= 75


def test_it_is_a_calendar_file_with_a_name(fetch, client):
    _, answer = fetch(WEBINAR)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == 'inline; filename="webinar-nringslivet-na-og-da.ics"'
    assert answer.cookies == {}
    assert client.head(calendar_path(WEBINAR)).status_code == 200


@pytest.mark.parametrize(
    ("start", "hours_from_utc"),
    [
        (datetime(2021, 3, 27, 12), 1),
        (datetime(2021, 3, 28, 12), 2),
        (datetime(2021, 10, 30, 12), 2),
        (datetime(2021, 10, 31, 12), 1),
        (datetime(2021, 1, 1, 0, 30), 1),
        (datetime(2021, 12, 31, 23, 30), 1),
        (datetime(2030, 7, 1, 12), 2),
    ],
)
def test_its_own_rules_give_the_right_hour_on_both_sides_of_a_change_of_clocks(fetch, start, hours_from_utc):
    _, answer = fetch(Event("Kurs", start))
    # As a calendar that knows no zone by this name would read it: by the rules in the file. icalendar remembers names.
    content = answer.content.replace(b"Europe/Oslo", f"X-{start:%Y%m%d}".encode())
    (read,) = icalendar.Calendar.from_ical(content).events
    assert read.start.utcoffset() == timedelta(hours=hours_from_utc)
    assert content.count(b"BEGIN:VTIMEZONE") == 1
    assert len(content) < 2000


def test_an_event_over_the_change_of_clocks_is_an_hour_shorter(fetch):
    read, _ = fetch(Event("Nattevakt", datetime(2021, 3, 27, 22), datetime(2021, 3, 28, 6)))
    assert read.end.astimezone(UTC) - read.start.astimezone(UTC) == timedelta(hours=7)


@pytest.mark.parametrize("end", [None, date(2021, 11, 17), date(2021, 11, 19)])
def test_a_day_ends_where_the_next_begins(fetch, end):
    read, answer = fetch(Event("Messe", date(2021, 11, 17), end))
    assert (read["DTSTART"].dt, read["DTEND"].dt) == (
        date(2021, 11, 17),
        (end or date(2021, 11, 17)) + timedelta(days=1),
    )
    assert b"VTIMEZONE" not in answer.content
    assert b"DTSTART;VALUE=DATE:20211117\r\n" in answer.content


def test_the_same_event_in_two_letters_is_one_in_a_calendar_and_two_on_a_day_are_two(fetch):
    first, again = fetch(WEBINAR)[0]["UID"], fetch(WEBINAR)[0]["UID"]
    later = fetch(Event(WEBINAR.title, WEBINAR.start + timedelta(hours=3)))[0]["UID"]
    assert first == again != later
    assert str(first).endswith("@localhost")
    assert CalendarEntry.objects.count() == 2


@pytest.mark.parametrize("name", ["x.ics", f"{'0' * 24}.ics", f"{'0' * 24}", "%00.ics", ""])
def test_what_is_no_event_is_not_found(client, db, name):
    assert client.get(f"/c/{name}").status_code == 404


def test_a_letter_leads_to_its_events_and_stays_so_when_the_issue_is_edited(client, redis_server, smtp_sink, settings):
    lunch = Event("Lunsj", datetime(2021, 11, 18, 11, 30))
    cards = (write_card(WEBINAR), Block("paragraph", "Og så:"), write_card(lunch))
    issue = make_issue(Section("Tomt", ()), Section("Kalender", cards, interests=("students",)))
    SubscriberFactory(follows=("students",))
    delivered(issue=issue)
    issue.sections.update(body="Avlyst.")
    variant = Variant.objects.get()
    for event in (WEBINAR, lunch):
        address = settings.SITE_URL + calendar_path(event)
        assert address in variant.html
        assert address in variant.text.replace("\n", "")
        read = icalendar.Calendar.from_ical(client.get(calendar_path(event)).content).events[0]
        assert str(read["SUMMARY"]) == event.title
