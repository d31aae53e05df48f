"""Cards come back as they were, through Markdown and a whole issue; one that can't be read is shown and named."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.parsing.cards import Card, Event, Note, Person, read_card, unreadable_cards, write_card
from mailer.parsing.cutting import join_blocks, split_blocks
from mailer.parsing.export import to_markdown
from mailer.parsing.issue import Block, ParsedIssue, Section
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


# Notes whose own words look like names of lines.
NAMED = st.sampled_from(["tittel:", "Tittel: En", "heading: x", "tekst: y"])
NOTES = st.builds(Note, LINES | NAMED, TEXTS | TEXTS.map(lambda text: f"tekst: {text}".strip()))
CARDS = st.one_of(events(), st.builds(Person, WORDS, LINES, LINES, LINES), NOTES)


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
        ("```person\nnavn: Kari\nskostørrelse: 38\n```", "has no “skostørrelse”. It has: name, role, address, phone."),
        ("```person\nname: Kari\nnavn: Ola\n```", "“navn” says what another line"),
        ("```event\ntitle: Fest\nstart: 2021-11-17 12:00\nend: 11.00\n```", "ends before it starts"),
        ("```event\ntitle: Fest\nstart: 2021-11-17\nend: 2021-11-17 11:00\n```", "only one of its start and end"),
        ("```event\ntitle: Fest\nstart: 2021-11-17T12:00+02:00\n```", "is no date"),
        ("```event\ntitle: Fest\nstart: tirsdag 17.11.2021\n```", "another weekday"),
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


NORWEGIAN = """```Hendelse
Tittel: Frokostmøte
Når: onsdag 17. november 2021 kl. 8.30
Slutt: kl 10
Sted: Thon
Lenke: https://example.org/frokost
```"""


def test_a_card_may_be_written_in_norwegian_and_is_kept_in_the_words_that_we_write() -> None:
    issue = parse_markdown(f"---\ntitle: X\n---\n\n## A\n\n{NORWEGIAN}\n")
    (block,) = issue.sections[0].blocks
    event = Event(
        "Frokostmøte",
        datetime.fromisoformat("2021-11-17 08:30"),
        datetime.fromisoformat("2021-11-17 10:00"),
        "Thon",
        "https://example.org/frokost",
    )
    assert replace(block, line=None) == write_card(event)
    assert block.line == 7
    assert split_blocks(NORWEGIAN) == (replace(block, line=1),)


@pytest.mark.parametrize(
    ("typed", "card"),
    [
        ("```person\nNavn: Kari\nRolle: Rektor\nTlf: 900 00 000\nE-post: k@example.org\n```",
         Person("Kari", "Rektor", "k@example.org", "900 00 000")),
        ("```kontaktperson\nnavn: Kari\n```", Person("Kari")),
        ("```merk\nNy dato\nDet er *torsdag*.\n```", Note("Ny dato", "Det er *torsdag*.")),
        ("```notat\ntittel: Ny dato\ntekst: Det er torsdag.\nIkke onsdag.\n```", Note("Ny dato", "Det er torsdag.\nIkke onsdag.")),
        ("```arrangement\nnavn: Fest\nbegynner: 3.12.2021\n```", Event("Fest", date(2021, 12, 3))),
    ],
)  # fmt: skip
def test_the_words_of_authors(typed: str, card: Card) -> None:
    (block,) = split_blocks(typed)
    assert read_card(block) == card
    assert replace(block, line=None) == write_card(card)


CONTENTS = st.lists(
    st.tuples(
        st.sampled_from(["title", "Tittel", "start", "slutt", "navn", "e-post", "tlf", "tekst", "x"]),
        ANY_TEXT.map(plain_line)
        | st.sampled_from(["2021-11-17", "17.11.21 kl 8", "31.11.2021", "12.00", "1. mai 2021"]),
    ).map(": ".join)
    | LINES,
    max_size=6,
).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["hendelse", "person", "merk"]), CONTENTS)
def test_a_card_is_read_and_written_the_same_or_its_fault_is_told(kind: str, content: str) -> None:
    block = Block("code", f"````{kind}\n{content}\n````")
    faults = [str(fault) for _, fault in unreadable_cards([block])]
    if faults:
        assert all(faults)
        assert split_blocks(block.markdown)[0].kind == "code"
    else:
        card = read_card(block)
        assert card is not None
        assert split_blocks(block.markdown) == (replace(write_card(card), line=1),)


def test_a_card_that_was_never_closed_is_told_for_what_it_is() -> None:
    issue = parse_markdown("## A\n\n```hendelse\ntittel: Fest\nstart: 2. desember 2026\n\n---\n\nHilsen oss\n")
    (doubt,) = (each for each in issue.unsure if each.code == "card-unreadable")
    assert doubt.what.startswith("The card is not closed: “---” stands in it.")
