"""Cards in plain text are cards; what they can't be read as is told, whichever kind of file they came in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.parsing.fenced_lines import take_cards
from mailer.parsing.importing import parse_text
from mailer.parsing.lines import plain_text
from mailer.parsing.source import Kind

CARD = "```hendelse\ntittel: Fest\nstart: 17.11.2021\n```"
WRONG = "```hendelse\ntittel: Fest\n```"
TEXT = "Uke 45\n\nHei alle!\n\nFESTEN\n\nVi skal ha fest.\n\n{}\n\nTa med deg en venn.\n\nKURS\n\nDet blir kurs for alle.\n"
HTML = "<h1>Uke 45</h1><p>Hei!</p><h2>Festen</h2><p>Vi skal ha fest.</p>{}"
FENCES = st.sampled_from(
    ["```", "~~~", "```hendelse", "```event", "~~~merk", "tittel: A", "start: 2021-11-17", "", "Ord."]
)


@pytest.mark.parametrize("kind", ["text", "markdown"])
def test_a_card_stands_where_its_author_put_it(kind: Kind) -> None:
    issue = parse_text(TEXT.format(CARD), kind=kind)
    assert [section.heading for section in issue.sections] == ["FESTEN", "KURS"]
    assert [(block.kind, block.line) for block in issue.sections[0].blocks] == [
        ("paragraph", 7),
        ("event", 9),
        ("paragraph", 14),
    ]
    assert "card-unreadable" not in {doubt.code for doubt in issue.unsure}


@pytest.mark.parametrize("kind", ["text", "markdown"])
def test_a_card_that_cannot_be_read_is_told_with_its_line(kind: Kind) -> None:
    doubts = parse_text(TEXT.format(WRONG), kind=kind).unsure
    assert [(doubt.line, doubt.what) for doubt in doubts if doubt.code == "card-unreadable"] == [
        (9, "A card of the kind event needs a line “start: …”.")
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (TEXT.format("```hendelse\ntittel: Fest"), "text"),
        (HTML.format("<p>```hendelse</p><p>tittel: Fest</p><p>```</p>"), "html"),
        (HTML.format("<p>```hendelse<br>tittel: Fest<br>```</p>"), "html"),
    ],
)
def test_a_card_that_is_shown_as_words_is_told(text: str, kind: Kind) -> None:
    told = [doubt.what for doubt in parse_text(text, kind=kind).unsure if doubt.code == "card-unreadable"]
    assert len(told) == 1
    assert told[0].startswith("“```hendelse” opens no card here")


@settings(deadline=None)
@given(st.lists(FENCES).map("\n".join))
def test_what_is_left_of_a_text_keeps_its_lines(text: str) -> None:
    left, cards = take_cards(text)
    before, after = plain_text(text).split("\n"), left.split("\n")
    assert len(before) == len(after)
    assert {line for old, line in zip(before, after, strict=True) if line != old} <= {""}
    assert all(before[card.line - 1].startswith(("```", "~~~")) for card in cards)
    assert bool(cards) == (left != plain_text(text))
