import re
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from mailer.parsing.issue import ParsedIssue
from mailer.rendering.compiled import compile_letter
from mailer.rendering.letter import Options, Reader, RenderedLetter
from mailer.rendering.slots import fill
from mailer.rendering.theme import Theme
from mailer.rendering.variant import more_and_less
from mailer.rendering.web_edition import web_edition
from tests.rendering.letters import ARCTIC, ISSUE, PLAIN, VALUES, page, plain, render, section, texts

OPTIONS = Options(preferences=True, more_less=True)
OWN = {**VALUES, "PREFERENCES_URL": "https://brev.example.org/p/token"}
THEMES = pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=["arctic", "plain"])


def choices(letter: RenderedLetter) -> list[str]:
    return re.findall(r'<a class="more-less" href="@@PREFERENCES_URL@@([^"]*)"', letter.html)


def test_each_section_with_interests_has_both_and_a_common_one_has_none():
    letter = render(ISSUE, "students", options=OPTIONS)
    assert choices(letter) == ["/more/students", "/less/students", "/more/businesses", "/less/students"]
    assert texts(page(letter).xpath("//p[contains(@class, 'more-less')]")) == ["Mer av dette Mindre av dette"] * 2
    assert choices(render(ParsedIssue("x", sections=(section("Til alle."),)), options=OPTIONS)) == []
    assert choices(render(ISSUE, "students")) == []


@pytest.mark.parametrize(
    ("follows", "more", "less"),
    [
        ((), "students", "students"),
        (("businesses",), "students", "businesses"),
        (("businesses", "students"), "businesses", "businesses"),
        (("students",), "businesses", "students"),
    ],
)
def test_of_several_interests_more_is_the_first_not_followed_and_less_what_the_section_is_there_for(
    follows, more, less
):
    assert more_and_less(section("", "students", "businesses"), Reader(follows)) == (more, less)


def test_they_stand_directly_under_their_section():
    letter = page(render(ISSUE, "entrepreneurs", options=OPTIONS))
    (row,) = letter.xpath("//tr[td/p[contains(@class, 'more-less')]]")
    assert texts([row.getprevious()]) == ["Festen."]


def test_a_screen_reader_says_what_more_or_less_is_of():
    labels = page(render(ISSUE, "students", language="en", options=OPTIONS)).xpath(
        "//a[@class='more-less']/@aria-label"
    )
    assert labels[2:] == ["More of this: businesses", "Less of this: students"]


@THEMES
def test_the_web_edition_is_as_if_they_had_never_been_there(theme: Theme):
    values = {name: VALUES[name] for name in ("PREFERENCES_URL", "UNSUBSCRIBE_URL")}
    html = web_edition(render(ISSUE, "students", theme=theme, options=OPTIONS).html, values)
    assert "more-less" not in html
    assert "/more/" not in html
    assert "Studentbyen." in html


def test_outlook_has_a_dot_between_them():
    html = render(ISSUE, "entrepreneurs", options=OPTIONS).html
    assert "Mer av dette</a><!--[if mso]> &#183; <![endif]--> <a" in html


def test_plain_text_has_one_line_for_all_of_them_at_its_end():
    text = plain(render(ISSUE, "students", options=OPTIONS))
    assert f"Mer eller mindre  {VALUES['PREFERENCES_URL']}" in text
    assert text.count(VALUES["PREFERENCES_URL"]) == 1
    assert "Mer av dette" not in text


def test_a_slug_can_break_out_of_no_address():
    issue = ParsedIssue("x", sections=(section("Tekst.", 'a"><b>/../@@WEB_URL@@'),))
    html = render(issue, options=OPTIONS).html
    assert 'href="@@PREFERENCES_URL@@/more/a%22%3E%3Cb%3E%2F..%2F%40%40WEB_URL%40%40"' in html
    assert html.count("@@WEB_URL@@") == 1


def test_a_section_costs_less_than_a_kilobyte():
    issue = ParsedIssue("x", sections=tuple(section(f"Sak {i}.", "students") for i in range(10)))
    sizes = [
        len(compile_letter(render(issue, options=replace(OPTIONS, more_less=wanted))).fill(OWN, b"A: b\r\n"))
        for wanted in (True, False)
    ]
    assert sizes[0] - sizes[1] < 10 * 1000


@THEMES
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_fingers_find_both(chromium: Browser, theme: Theme, scheme: str):
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 320, "height": 700})  # type: ignore[arg-type]
    opened = context.new_page()
    opened.route("**/*", lambda route: route.abort())
    opened.set_content(fill(render(ISSUE, "students", theme=theme, options=OPTIONS).html, OWN, escape=True))
    links = opened.locator("a.more-less")
    (more, less), results = (links.nth(i).bounding_box() for i in range(2)), Axe().run(opened)
    context.close()
    assert more
    assert less
    assert (more["height"], less["height"]) == (44, 44)
    assert less["x"] - more["x"] - more["width"] == pytest.approx(24, abs=1)
    found = [rule["id"] for rule in results.response["violations"] if rule["id"] not in {"region", "landmark-one-main"}]
    assert found == []
