"""Cards come back as they were, through Markdown and a whole issue; one that can't be read is shown and named."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.parsing.cards import Card, Event, Note, Person, read_card, write_card
from mailer.parsing.cutting import join_blocks, split_blocks
from mailer.parsing.export import to_markdown
from mailer.parsing.issue import ParsedIssue, Section
from mailer.parsing.lines import plain_line, plain_text
from mailer.parsing.markdown import parse_markdown
from tests.parsing.reading import ANY_TEXT

LINES = ANY_TEXT.map(lambda text: plain_line(text[:80]))
WORDS = LINES.filter(bool)
TEXTS = ANY_TEXT.map(lambda text: plain_text(text[:120]).strip())


@st.composite
def events(draw: st.DrawFn) -> Event:
    start = draw(st.dates(max_value=date(9999, 1, 1)) | st.datetimes(max_value=datetime.fromisoformat("2100-01-01")))
    if isinstance(start, datetime):
        start = start.replace(second=0, microsecond=0)
    end = draw(st.none() | st.integers(0, 90).map(lambda days: start + timedelta(days=days)))
    return Event(draw(WORDS), start, end, draw(LINES), draw(LINES))


CARDS = st.one_of(events(), st.builds(Person, WORDS, LINES, LINES), st.builds(Note, LINES, TEXTS))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(CARDS)
def test_a_card_is_read_as_it_was_written(card: Card) -> None:
    block = write_card(card)
    assert read_card(block) == card
    assert [(each.kind, read_card(each)) for each in split_blocks(block.markdown)] == [(block.kind, card)]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(CARDS, max_size=3))
def test_cards_come_back_through_export_and_import(cards: list[Card]) -> None:
    blocks = tuple(write_card(card) for card in cards)
    issue = parse_markdown(to_markdown(ParsedIssue("X", sections=(Section("A", blocks),))))
    assert [read_card(block) for block in issue.sections[0].blocks] == cards
    assert issue.unsure == ()
    assert [replace(block, line=None) for block in split_blocks(join_blocks(blocks))] == list(blocks)


@pytest.mark.parametrize(
    ("card", "says"),
    [
        ("```event\ntitle: Fest\n```", "needs a line “start: …”"),
        ("```event\ntitle: Fest\nstart: i morgen\n```", "“start: i morgen” is no date"),
        ("```person\nnavn: Kari\n```", "has no “navn”"),
        ("~~~event\nbare ord\n~~~", "“bare ord” is no line of a card"),
    ],
)
def test_a_card_that_cannot_be_read_is_shown_as_it_is_and_named_with_its_line(card: str, says: str) -> None:
    issue = parse_markdown(f"---\ntitle: X\n---\n\n## A\n\nTekst.\n\n{card}\n")
    assert [block.kind for block in issue.sections[0].blocks] == ["paragraph", "code"]
    (doubt,) = issue.unsure
    assert (doubt.code, doubt.line) == ("card-unreadable", 9)
    assert says in doubt.what
    assert to_markdown(parse_markdown(to_markdown(issue))) == to_markdown(issue)
