import re

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from mailer.parsing.blocks import Link, block_text, links
from mailer.parsing.cutting import split_blocks
from mailer.parsing.inline import to_markdown
from mailer.parsing.issue import Block
from mailer.parsing.lines import plain_text
from tests.parsing.reading import ANY_TEXT


def _links(text: str) -> list[tuple[str, str | None]]:
    return [(link.text, link.target) for link in links([Block("paragraph", to_markdown(text))])]


@pytest.mark.parametrize(
    ("text", "shown", "target"),
    [
        ("Se www.blåbær.no/påmelding.", "www.blåbær.no/påmelding", "https://www.blåbær.no/påmelding"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)", "https://example.org/a_(b)"),
        ("https://x.no/søk?q=ål&b=1, sa hun", "https://x.no/søk?q=ål&b=1", "https://x.no/søk?q=ål&b=1"),
        ("Skriv til post@blåbær.no!", "post@blåbær.no", "mailto:post@blåbær.no"),
        ("kari.nordmann@x.kommune.no", "kari.nordmann@x.kommune.no", "mailto:kari.nordmann@x.kommune.no"),
        ("sor-varanger.no/kurs er åpen", "sor-varanger.no/kurs", "https://sor-varanger.no/kurs"),
        ("[Les mer](https://x.no/a)", "Les mer", "https://x.no/a"),
        ("https://x.no/%C3%A5", "https://x.no/%C3%A5", "https://x.no/%C3%A5"),
        ("Nå!https://x.no", "https://x.no", "https://x.no"),
    ],
)
def test_addresses_become_links_that_show_what_was_typed(text: str, shown: str, target: str) -> None:
    assert _links(text) == [(shown, target)]


@pytest.mark.parametrize(
    "text", ["bl.a. dette", "kl. 18.00", "1.000 kr", "f.eks. slik", "README.md", "a@b", "2*3*4", "snake_case_name"]
)
def test_what_is_no_address_stays_text(text: str) -> None:
    assert _links(text) == []
    assert block_text(Block("paragraph", to_markdown(text))) == text


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("Vil du vite mer, les her.", ["les her"]),
        ("Les mer her", ["Les mer her"]),
        ("Meld deg på her!", ["Meld deg på her"]),
        ("Read more here.", ["Read more here"]),
        ("Les mer her: https://x.no", []),
        ("Les mer her (www.x.no)", []),
        ("Det er fint her.", []),
        ("Vi leser her i Kirkenes hver dag", []),
    ],
)
def test_words_that_were_a_link_are_found(text: str, lost: list[str]) -> None:
    assert [words for words, target in _links(text) if target is None] == lost


@pytest.mark.parametrize(
    "blocks",
    [
        ["- Se på programmet\n- Meld deg på", "[Meld deg på](https://example.org)"],
        ["Kom på kurs. Meld deg på.", "Vi sees!", "[Meld deg på kurset](https://example.org)"],
        ["Meld deg på", "[Til skjemaet](https://example.org)"],
        ["Kurset er gratis. Les mer her:", "- <https://example.org/a>\n- <https://example.org/b>"],
        ["Meld deg på.", "```event\ntitle: Kurs\nstart: 2021-11-17\nlink: https://example.org\n```"],
        ["#### Påmelding", "Ring 900 00 000."],
        ["| Kurs | Påmelding |\n|---|---|\n| Norsk | 900 00 000 |"],
    ],
)
def test_words_are_not_lost_where_a_link_of_the_section_answers_them(blocks: list[str]) -> None:
    assert [link for link in links(block for text in blocks for block in split_blocks(text)) if not link.target] == []


@pytest.mark.parametrize(
    "blocks",
    [
        ["Meld deg på", "[Kart](https://example.org) over byen", "Les mer her."],
        ["Les mer her. Det blir fint.", "<https://example.org>"],
        ["Meld deg på.", "```event\ntitle: Kurs\nstart: 2021-11-17\n```"],
    ],
)
def test_a_link_to_something_else_answers_nothing(blocks: list[str]) -> None:
    assert any(not link.target for link in links(block for text in blocks for block in split_blocks(text)))


def test_a_lost_link_has_the_line_that_it_stands_on() -> None:
    block = Block("paragraph", to_markdown("Først dette\nså https://x.no\nLes mer her"), 10)
    assert links([block]) == [Link("https://x.no", "https://x.no", 11), Link("Les mer her", None, 12)]


def test_typed_bold_and_italics_are_kept() -> None:
    assert to_markdown("**Pris:** 250 kr, _viktig_") == "**Pris:** 250 kr, *viktig*"


@settings(max_examples=500, deadline=None)
@given(ANY_TEXT)
def test_any_text_is_shown_as_it_was_typed_and_is_never_html(text: str) -> None:
    lines = [" ".join(line.split()) for line in plain_text(text).split("\n")]
    typed = "\n".join(line for line in lines if line)
    shown = block_text(Block("paragraph", to_markdown(typed)))
    assert re.sub(r"[*_]", "", shown) == re.sub(r"[*_]", "", typed) or "](" in typed
    html = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).render(to_markdown(typed))
    assert set(re.findall(r"</?([a-z0-9]+)", html)) <= {"p", "a", "em", "strong", "br"}
