"""Whatever is typed into whatever field: a letter comes out, it shows what was typed, and its slots are ours alone."""

import re
from dataclasses import replace
from datetime import date
from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.parsing.cards import Card, Event, Note, Person, write_card
from mailer.parsing.issue import ParsedIssue, Section
from mailer.rendering.compiled import compile_letter
from mailer.rendering.letter import InterestName, Options, Reader, RenderedLetter
from mailer.rendering.render import render_letter
from mailer.rendering.slots import SLOT, clean
from mailer.rendering.theme import SocialLink
from tests.rendering.letters import ARCTIC, VALUES, blocks, page, plain, shown, words

NASTY = (
    "{{ 7*7 }}",
    "{% raw %}",
    "{# #}",
    "@@UNSUBSCRIBE_URL@@",
    "@@AT@@",
    "@",
    "@@@",
    "<mj-raw>",
    "</mj-text>",
    "]]>",
    "<![CDATA[",
    "-->",
    "<!--[if mso]>",
    "<!DOCTYPE x>",
    "&amp;",
    "&#64;&#64;WEB_URL@@",
    "&#xFDD0;",
    "\ufdd0\ufdd1",
    "Å > B",
    "❤️ \\n \u200d \u00ad",
    "%EF%B7%91",
    "$sender ${x} $$",
    "%(x)s {0.__class__}",
    "\x00\x1b\u202e",
    "\r\n.\r\nMAIL FROM:<x>",
    "From x",
    "<script>alert(1)</script>",
    '" onload="x',
    "שלום",
    "😀",
)
TEXT = st.lists(st.sampled_from(NASTY) | st.text(max_size=20), max_size=4).map(" ".join)
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def as_markdown(text: str) -> str:
    """The text with everything escaped that could be markup, as importers give it."""
    return PUNCTUATION.sub(r"\\\1", words(clean(text)))


def cards_of(text: str) -> list[Card]:
    """A card of each kind with `text` wherever it may stand."""
    line = words(clean(text)) or "x"
    return [Event(line, date(2021, 11, 17), None, line, line), Person(line, line, line), Note(line, as_markdown(line))]


def letter_of(text: str) -> RenderedLetter:
    """A letter with `text` in every field that someone can type into."""
    body = blocks(as_markdown(text))
    issue = ParsedIssue(
        title=text,
        preheader=text,
        year=2021,
        week=45,
        intro=body,
        parts=(text,),
        sections=(
            Section(text, body, text or None, ("students",)),
            Section(text, body, None, (text,) if text else ()),
            Section("Fast", blocks(f"> {as_markdown(text)}", f"- {as_markdown(text)}"), "Fast"),
            Section("Bilde", blocks(f"![{as_markdown(text)}](https://example.org/a.jpg)")),
            Section("Kort", tuple(map(write_card, cards_of(text)))),
        ),
        closing=body * 2,
    )
    theme = replace(
        ARCTIC,
        sender=replace(ARCTIC.sender, name=text, address=(text, text)),
        unbroken=(text,),
        social=(SocialLink(text, "https://example.org/@@WEB_URL@@"),),
        daylight=replace(ARCTIC.daylight, place=text),  # type: ignore[type-var]
    )
    names = (InterestName("students", {"nb": text}),)
    reader = Reader(("students", text))
    return render_letter(issue, reader, theme=theme, interests=names, options=Options(preferences=True))


@pytest.mark.parametrize("text", NASTY)
def test_the_usual_tricks_are_shown_as_typed(text: str):
    check(text)


@settings(deadline=None, max_examples=60)
@given(TEXT)
def test_any_text_in_any_field_is_shown_as_typed(text: str):
    check(text)


def check(text: str) -> None:
    letter = letter_of(text)
    typed = words(clean(text))
    # A reply's own hyphen becomes the letter's dash; nothing else of what was typed is changed.
    assert shown(letter).count(typed) >= 8
    assert typed in words(plain(letter))
    assert words(page(letter).xpath("//img/@alt")[0]) == typed
    assert words(page(letter).xpath("//div[@role='article']/@aria-label")[0]) == typed
    assert (letter.subject, letter.preheader) == (typed, typed or "Fast · Bilde · Kort")
    ours = {"PREFERENCES_URL": 2, "UNSUBSCRIBE_URL": 1, "WEB_URL": 1}
    assert {name: SLOT.findall(letter.html).count(name) for name in SLOT.findall(letter.html)} == ours
    message = compile_letter(letter).fill(VALUES, b"Subject: x\r\n")
    text_part = next(iter(BytesParser(policy=policy.default).parsebytes(message).iter_parts()))
    assert text_part.get_content().replace("\r\n", "\n") == plain(letter)


@settings(deadline=None, max_examples=100)
@given(st.text(alphabet=st.sampled_from(list("[](){}<>*_~`#|-+>!\\&;:.@\n\t 1aå\"'=/")), max_size=120) | TEXT)
def test_any_markdown_gives_a_letter(markdown: str):
    issue = ParsedIssue("Uke 45", intro=blocks(markdown), sections=(Section("", blocks(markdown, f"> {markdown}")),))
    letter = render_letter(issue, Reader(), theme=ARCTIC, interests=())
    assert SLOT.findall(letter.html) == ["UNSUBSCRIBE_URL", "WEB_URL"]
    assert "javascript:" not in re.sub(r">[^<]*<", "", letter.html).lower()
