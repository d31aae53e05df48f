from dataclasses import replace
from datetime import datetime

import pytest

from mailer.models import Issue
from mailer.models.parsed import parsed_issue, store_issue
from mailer.models.suggestions import Accepted, accept_suggestions
from mailer.parsing.cards import Event, read_card
from mailer.parsing.events import suggest_events
from mailer.parsing.issue import Block, ParsedIssue, Section
from tests.factories import make_interests

pytestmark = pytest.mark.django_db

TEXT = "Torsdag 18. november kl. 8 inviterer vi til frokostmøte på Thon."
SUGGESTED = Section(
    "Frokost", (Block("paragraph", TEXT),), None, ("students",), heading_suggested=True, interests_suggested=True, cut_suggested=True
)  # fmt: skip


@pytest.fixture
def issue(db):
    make_interests()
    sections = (Section("Egen", (Block("paragraph", "Tekst."),)), SUGGESTED, replace(SUGGESTED, heading="Til"))
    return store_issue(suggest_events(ParsedIssue("Uke 45", year=2021, week=45, sections=sections)), source="x").issue


def test_suggested_events_are_stored_with_the_report_and_stand_in_no_letter(issue):
    assert [len(each.events_suggested) for each in parsed_issue(issue, with_report=True).sections] == [0, 1, 1]
    assert [len(each.events_suggested) for each in parsed_issue(issue).sections] == [0, 0, 0]
    assert [block.kind for block in parsed_issue(issue).sections[1].blocks] == ["paragraph"]


def test_what_is_accepted_counts_as_written(issue):
    assert accept_suggestions(issue) == Accepted(headings=2, cuts=2, interests=2, events=2)
    stored = parsed_issue(Issue.objects.get(pk=issue.pk), with_report=True)
    for section in stored.sections:
        assert not any((section.heading_suggested, section.cut_suggested, section.interests_suggested))
        assert section.events_suggested == ()
    card = read_card(stored.sections[1].blocks[-1])
    assert isinstance(card, Event)
    assert (card.title, card.start, card.place) == ("Frokostmøte", datetime(2021, 11, 18, 8), "Thon")  # noqa: DTZ001
    assert stored.unsure == ()


def test_accepting_again_changes_nothing(issue):
    accept_suggestions(issue)
    before = parsed_issue(issue)
    assert accept_suggestions(issue).total == 0
    assert parsed_issue(issue) == before


def test_only_the_kinds_that_are_wanted_are_accepted(issue):
    assert accept_suggestions(issue, cuts=False, interests=False, events=False) == Accepted(headings=2)
    stored = parsed_issue(Issue.objects.get(pk=issue.pk), with_report=True)
    assert (stored.sections[1].heading_suggested, stored.sections[1].cut_suggested) == (False, True)
    assert len(stored.sections[1].events_suggested) == 1
    assert {each.code for each in stored.unsure} == {"event-suggested"}


def test_an_approved_issue_is_a_draft_again_when_something_was_accepted(issue):
    Issue.objects.update(status=Issue.Status.APPROVED)
    accept_suggestions(issue, headings=False, cuts=False, interests=False, events=False)
    assert Issue.objects.get(pk=issue.pk).status == Issue.Status.APPROVED
    accept_suggestions(issue)
    assert Issue.objects.get(pk=issue.pk).status == Issue.Status.DRAFT


def test_it_takes_few_queries_however_long_the_issue_is(issue, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        accept_suggestions(issue)
