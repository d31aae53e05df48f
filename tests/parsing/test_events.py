"""Which dates in a text are events ahead, and what is said of them."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from mailer.parsing.cards import Event, write_card
from mailer.parsing.dates import find_clock, find_days
from mailer.parsing.events import suggest_events
from mailer.parsing.inline import to_markdown
from mailer.parsing.issue import Block, ParsedIssue, Section
from mailer.parsing.json_form import event_values, read_event
from tests.parsing.reading import ANY_TEXT

WEEK: dict[str, Any] = {"year": 2021, "week": 45}


def _suggested(text: str, *, heading: str = "Overskrift", **week: Any) -> ParsedIssue:
    block = Block("paragraph", to_markdown(text), 7)
    return suggest_events(ParsedIssue("Brev", sections=(Section(heading, (block,)),), **{**WEEK, **week}))


def _events(text: str, **wanted: Any) -> list[tuple[str, str, str, str]]:
    found = _suggested(text, **wanted).sections[0].events_suggested
    values = [event_values(event) for event in found]
    return [(each["title"], each["start"], each["end"] or "", each["place"]) for each in values]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Først er et webinar med næringslivet i Kirkenes 17. november.", ("Webinar med næringslivet", "2021-11-17", "", "")),
        ("Torsdag 18. november kl. 8–9.30 er det frokostmøte.", ("Frokostmøte", "2021-11-18T08:00:00", "2021-11-18T09:30:00", "")),
        ("Thursday 18 November at 15:00: workshop in the hall", ("Workshop in the hall", "2021-11-18T15:00:00", "", "the hall")),
        ("22.–26. november er det konferanse i Tromsø.", ("Konferanse", "2021-11-22", "2021-11-26", "Tromsø")),
        ("Dugnad i klubbhuset lørdag 13. november kl. 10–14", ("Dugnad", "2021-11-13T10:00:00", "2021-11-13T14:00:00", "klubbhuset")),
        ("6. desember: Julemøte med grøt", ("Julemøte med grøt", "2021-12-06", "", "")),
        ("Årsmøtet er onsdag 12.1.2022 kl. 18 på Teams.", ("Årsmøtet", "2022-01-12T18:00:00", "", "Teams")),
        ("Join our open house on January 5th at 3 pm.", ("Open house", "2022-01-05T15:00:00", "", "")),
        ("Dato: 20. november\nTid: kl. 18–20\nSted: Salen", ("Overskrift", "2021-11-20T18:00:00", "2021-11-20T20:00:00", "Salen")),
        ("30. november – 2. desember er det kurs for trenere.", ("Kurs for trenere", "2021-11-30", "2021-12-02", "")),
    ],
)  # fmt: skip
def test_what_is_announced_is_suggested_with_its_words(text: str, expected: tuple[str, str, str, str]) -> None:
    assert _events(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "Møtet var 3. november, og det var fullt hus.", "Søknadsfrist for kurset er 1. desember.", "Meld deg på møtet innen 12. november.",
        "Kontoret er stengt for kurs 22. november.", "Prisen er 250 kr for kurset.", "Møtet samlet 25 deltakere 17. november.",
        "Vi fikk besøk 9. november.", "Versjon 2.11 er ute, og kurset er i gang.",
        "Møtet er utsatt fra 17. november.", "Frokostmøte 4. november.",
        "The call for papers closes on 30 November.", "Vi feirer 1. søndag i advent.", "Møte 31. februar.", "20.–23. november: 10–15",
    ],
)  # fmt: skip
def test_what_is_past_due_or_off_is_no_event(text: str) -> None:
    assert _events(text) == []


def test_the_year_is_the_nearest_or_the_one_in_which_the_weekday_is_right() -> None:
    assert _events("Onsdag 12. januar er det møte.")[0][1] == "2022-01-12"
    assert _events("Møte 12. januar.", year=2022, week=2)[0][1] == "2022-01-12"
    issue = _suggested("Mandag 18. november er det møte.")
    assert issue.sections[0].events_suggested == ()
    assert [(each.code, each.line) for each in issue.unsure] == [("weekday-mismatch", 7)]


@pytest.mark.parametrize("week", [{"year": None}, {"week": None}, {"week": 53}])
def test_without_a_week_no_event_is_suggested(week: dict[str, int | None]) -> None:
    assert _events("Møte 17. november.", **week) == []


def test_suggesting_twice_is_suggesting_once_and_a_card_that_is_there_is_enough() -> None:
    issue = _suggested("Møte 17. november. Kurs 18. november.")
    assert suggest_events(issue) == issue
    assert [each.code for each in issue.unsure] == ["event-suggested", "event-suggested"]
    card = write_card(Event("Møte", date(2021, 11, 17)))
    block = Block("paragraph", "Møte 17. november.")
    with_card = ParsedIssue("Brev", sections=(Section("A", (block, card)),), **WEEK)
    assert suggest_events(with_card).sections[0].events_suggested == ()


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_any_text_can_be_searched(text: str) -> None:
    for event in _suggested(f"{text} 17. november kl. 18 møte {text}").sections[0].events_suggested:
        assert read_event(event_values(event)) == event
    assert all(text[day.begin : day.end].strip() for day in find_days(text))
    find_clock(text)
