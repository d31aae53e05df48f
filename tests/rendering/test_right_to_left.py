"""A letter in a language that is written from right to left, as a browser lays it out."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from gallery.issues import arabic, html
from gallery.shooting import window
from mailer.rendering.content_html import to_html
from mailer.rendering.letter import Reader
from mailer.rendering.theme import Theme
from mailer.rendering.words import direction
from mailer.rendering.writing_direction import direction_of, turned
from tests.rendering.letters import ARCTIC, ISSUE, PLAIN, blocks, page, plain, render, section

EDGES = "found => found.map(e => { const box = e.getBoundingClientRect(); return [Math.round(box.left), Math.round(box.right)] })"
themes = pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=["arctic", "plain"])


def edges(browser_page: Page, selector: str) -> list[tuple[int, int]]:
    return [(left, right) for left, right in browser_page.locator(selector).evaluate_all(EDGES)]


@themes
@pytest.mark.parametrize("width", [320, 700])
def test_everything_begins_at_the_right(chromium: Browser, theme: Theme, width: int):
    with window(chromium, "light", width) as browser_page:
        browser_page.set_content(html(arabic(), Reader(), theme))
        margin = 20 if width == 320 else 40
        right = width - margin if width == 320 else (width + 600) // 2 - margin
        assert browser_page.evaluate("document.documentElement.scrollWidth") <= width
        for first, second in (
            ("td.logo", "td.word-mark"),
            ("td.date", "td.card-words"),
            ("td.disc", "td.person-words"),
            ("td.dash", "td.words"),
            ("th.data:first-child", "th.data:last-child"),
        ):
            assert edges(browser_page, first)[0][0] >= edges(browser_page, second)[0][1], (first, second)
        for selector in ("td.logo", "table.button", "td.dash", "h2", ".paper img"):
            assert edges(browser_page, selector)[0][1] == right, selector
        (_, item), *_ = edges(browser_page, "ul > li")
        assert item == right - 24
        for part in ("h1", "p.personal", "p.footer", "h2"):
            aligned = browser_page.locator(part).first.evaluate("e => getComputedStyle(e).textAlign")
            assert aligned == "right", part


@themes
def test_words_of_ours_tell_their_language_and_direction(theme: Theme):
    letter = page(render(replace(ISSUE, language="ar"), "students", theme=theme))
    assert (letter.get("lang"), letter.get("dir")) == ("ar", "rtl")
    assert letter.xpath("//div[@role='article']/@dir") == ["rtl"]
    spoken = letter.xpath("//*[@lang][not(self::html) and not(@role)]")
    assert {(element.get("lang"), element.get("dir")) for element in spoken} == {("nb", "ltr")}
    assert not re.search(r"direction:\s*ltr", render(replace(ISSUE, language="ar"), theme=theme).html)


def test_a_language_that_we_have_no_words_in_is_not_taken_for_english():
    spoken = page(render(replace(ISSUE, language="de"), language="en")).xpath("//p[@class='personal']/@lang")
    assert spoken == ["en"]
    assert page(render(replace(ISSUE, language="nn"))).xpath("//p[@class='personal']/@lang") == []


def test_a_paragraph_written_the_other_way_says_so_in_either_kind_of_letter():
    latin = page(render(arabic())).xpath("//p[contains(., 'Sør-Varanger Utvikling, Kirkenes')]")[0]
    assert (latin.get("dir"), latin.get("class")) == ("ltr", "rightwards")
    assert "text-align:left" in (latin.get("style") or "")
    assert page(render(arabic())).xpath("//p[@class='leftwards']") == []


def test_plain_text_has_no_directions_in_it():
    text = plain(render(arabic()))
    assert "مرحبا بكم في رسالة هذا الأسبوع من كيركينيس." in text
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize(
    ("language", "way"),
    [
        ("ar", "rtl"),
        ("he-IL", "rtl"),
        ("fa", "rtl"),
        ("ur_PK", "rtl"),
        ("nb", "ltr"),
        ("ku-Latn", "ltr"),
        ("az-Arab", "rtl"),
        ("", "ltr"),
    ],
)
def test_a_language_tells_its_direction(language: str, way: str):
    assert direction(language) == way


def test_text_tells_its_direction():
    assert [direction_of(text) for text in ("12 אב", "12 ab", "12 – 13", "")] == ["rtl", "ltr", None, None]


# The left edge of each match of a pattern in an element's text.
PLACES_OF = """(element, pattern) => {
    const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), found = [];
    while (walk.nextNode()) for (const match of walk.currentNode.data.matchAll(new RegExp(pattern, 'g'))) {
        const range = document.createRange();
        range.setStart(walk.currentNode, match.index); range.setEnd(walk.currentNode, match.index + match[0].length);
        found.push(range.getBoundingClientRect().left);
    }
    return found }"""


@pytest.mark.parametrize(
    ("selector", "pattern"),
    [
        ("td.data:has-text('4 200')", "[0-9]+|kr"),
        ("ul > li:has-text('4 200')", "[0-9]+|kr"),
        ("a[href^='tel:']", r"\+47|[0-9]+"),
        ("ul > li:has-text('900 00')", r"\+47|900|00|000"),
        ("table.button a:has-text('Kjøp')", "[0-9]+|kr"),
        ("h3:has-text('4 200')", "[0-9]+|kr"),
    ],
)
def test_no_number_is_turned_round(chromium: Browser, selector: str, pattern: str):
    issue = arabic()
    priced = section("[Kjøp 4 200 kr](https://example.org)", heading="4 200 kr", part=issue.parts[0])
    numbered = replace(issue, sections=(*issue.sections, priced))
    with window(chromium, "light", 375) as browser_page:
        browser_page.set_content(html(numbered, Reader(), ARCTIC))
        found = browser_page.locator(selector).first.evaluate(PLACES_OF, pattern)
    assert len(found) > 1
    assert found == sorted(found)


def test_a_number_between_words_of_the_other_direction_is_kept_together():
    assert [turned(text, "rtl") for text in ("4 200", "+47 900 00 000", "(+47) 9", "12–13", "12 אב", "4 kr")] == [
        "ltr",
        "ltr",
        "ltr",
        None,
        None,
        "ltr",
    ]
    assert [turned(text, "ltr") for text in ("4 200", "12–13", "12 אב")] == [None, None, "rtl"]


def test_a_link_written_the_other_way_says_so():
    written = to_html(blocks("اكتب إلى <post@example.org> أو [اتصل](https://example.org)."), 2, "(?!)", direction="rtl")
    assert 'href="mailto:post@example.org" dir="ltr">' in written
    assert written.count("dir=") == 1


def test_words_of_a_left_to_right_letter_need_no_direction():
    assert "dir=" not in to_html(
        blocks("| a | b |\n|---|---|\n| c | 4 200 kr |", "- 12\n\n# 3", "[x](https://e.org)"), 2, "x"
    )
