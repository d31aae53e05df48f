from dataclasses import replace

import pytest

from mailer.rendering.pieces import Manner, Piece, pieces
from mailer.rendering.theme import TEMPLATES
from mailer.rendering.words import load_words
from tests.rendering.letters import ISSUE, blocks, page, plain, render, section, texts

SITE = "https://brev.example.org"
MANNER = Manner("(?!)", load_words("nb", (TEMPLATES,)), 2021, SITE)
EVENT = "```event\ntitle: Webinar\nstart: 2021-11-17 12:00\nplace: Teams\nlink: https://example.org/a?b=1&c=2\n```"


def divided(*markdown: str) -> tuple[Piece, ...]:
    return pieces(blocks(*markdown), 2, MANNER)


def kinds(*markdown: str) -> list[str]:
    return [piece.kind for piece in divided(*markdown)]


def test_text_is_divided_by_what_has_a_partial_of_its_own():
    bodies = ("En.", "To.", EVENT, "```person\nname: Jenny\n```", "> Sitat", "Tre.", "```note\nRettelse\n```")
    assert kinds(*bodies) == ["text", "event", "person", "quotation", "text", "note"]


def test_an_event_tells_day_time_place_and_number():
    first, second = divided(EVENT, EVENT)
    assert (first.fields["day"], first.fields["month"]) == ("17.", "nov.")
    assert first.fields["when"].replace("\u00a0", " ") == "Onsdag 17. november kl. 12.00"
    assert first.fields["address"] == "https://example.org/a?b=1&amp;c=2"
    assert (first.fields["number"], second.fields["number"]) == (0, 1)


@pytest.mark.parametrize(
    "card", ["```event\ntitle: Uten dag\n```", "```event\nnonsens\n```", "```python\nname: x\n```"]
)
def test_a_card_that_cannot_be_read_is_shown_as_typed(card: str):
    (piece,) = divided(card)
    assert (piece.kind, piece.fields["html"]) == ("text", f"<pre>{card.split(chr(10))[1]}\n</pre>\n")


def test_a_card_leads_to_no_address_that_runs_something():
    event, person = divided(
        "```event\ntitle: x\nstart: 2021-11-17\nlink: javascript:alert(1)\n```",
        "```person\nname: x\naddress: javascript:alert(1)\n```",
    )
    assert event.fields["address"] == person.fields["address"] == ""


def test_a_person_has_an_initial_and_a_mailbox():
    (piece,) = divided("```person\nname: «Åse» Berg\naddress: ase@example.org\n```")
    assert (piece.fields["initial"], piece.fields["address"]) == ("Å", "mailto:ase@example.org")
    assert divided("```person\nname: 🙂\n```")[0].fields["initial"] == ""


def test_a_paragraph_that_is_one_link_is_a_button_and_the_next_one_is_quieter():
    first, second = divided("[Meld deg *på*](https://example.org/a)", "[Se programmet](https://example.org/b)")
    assert (first.kind, first.fields["html"], first.fields["address"]) == (
        "button",
        "Meld deg <em>på</em>",
        "https://example.org/a",
    )
    assert [first.fields["second"], second.fields["second"]] == [False, True]


@pytest.mark.parametrize(
    "markdown",
    [
        "<https://example.org/a>",
        "[https://example.org/a](https://example.org/a)",
        "[to](https://example.org) [lenker](https://example.org)",
        "[farlig](javascript:alert)",
        "Se [her](https://example.org)",
        "[](https://example.org)",
    ],
)
def test_other_links_are_no_buttons(markdown: str):
    assert kinds(markdown) == ["text"]


def test_a_taken_in_picture_is_shown_at_half_its_pixels_and_no_wider_than_the_text():
    wide, small, unknown = divided(
        '![Ordføreren](/i/0123456789ab-2080x1200.jpg "Foto: *Kari*")',
        f"![]({SITE}/i/0123456789ab-400x201.png)",
        "![x](https://example.com/a.jpg)",
    )
    sizes = [(piece.fields["width"], piece.fields["height"]) for piece in (wide, small, unknown)]
    assert sizes == [(520, 300), (200, 100), (520, None)]
    assert wide.fields["source"] == f"{SITE}/i/0123456789ab-2080x1200.jpg"
    assert (wide.fields["alt"], wide.fields["caption"]) == ("Ordf&#248;reren", "Foto: *Kari*")
    assert small.fields["alt"] == ""


@pytest.mark.parametrize(("pixels", "shown"), [(1000, 520), (780, 520), (778, 389)])
def test_a_picture_nearly_as_wide_as_the_text_is_as_wide(pixels: int, shown: int):
    (picture,) = divided(f"![x](/i/0123456789ab-{pixels}x{pixels}.jpg)")
    assert (picture.fields["width"], picture.fields["height"]) == (shown, shown)


def test_a_picture_may_be_a_link_and_one_from_nowhere_is_its_words():
    (linked,) = divided("[![x](https://example.com/a.jpg)](https://example.org)")
    assert (linked.kind, linked.fields["address"]) == ("image", "https://example.org")
    (words,) = pieces(blocks("![Ordføreren](/i/0123456789ab-400x200.png)"), 2, Manner("(?!)", MANNER.words))
    assert words.fields["html"] == "<p>Ordføreren</p>\n"


@pytest.mark.parametrize(
    ("card", "line"),
    [
        ("name: Jenny\nphone: sentralbordet", "sentralbordet"),
        ("name: Jenny\nphone: +", "+"),
        ("name: Jenny\naddress: kommer snart", "kommer snart"),
        ("name: Jenny\naddress: javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_what_no_link_can_lead_to_stands_as_plain_words(card: str, line: str):
    letter = render(replace(ISSUE, sections=(section(f"```person\n{card}\n```"),)))
    assert texts(page(letter).xpath("//td[@class='person-words']/p[@class='meta'][not(.//a)]")) == [line]
    assert page(letter).xpath("//td[@class='person-words']//a") == []
    assert line in plain(letter)


def test_a_telephone_is_told_its_digits():
    (piece,) = divided("```person\nname: Jenny\nphone: (+47) 900 00 000\n```")
    assert piece.fields["call"] == "tel:+4790000000"
