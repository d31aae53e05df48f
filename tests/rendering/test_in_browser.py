"""The letter as a browser lays it out: the widths that phones have, and nothing asked of any other host."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mailer.rendering.slots import fill
from mailer.rendering.theme import Theme
from tests.rendering.letters import ARCTIC, ISSUE, PLAIN, VALUES, one_section, render
from tests.rendering.test_render import EVERYTHING


@pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=["arctic", "plain"])
@pytest.mark.parametrize("width", [320, 375, 700])
def test_no_letter_is_wider_than_its_window(chromium: Browser, tmp_path: Path, theme: Theme, width: int):
    long_word = one_section(
        "Donaudampfschiffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4, theme=theme
    )
    page = chromium.new_page(viewport={"width": width, "height": 700})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("https://example.org/**", lambda route: route.abort())
    for letter in (render(EVERYTHING, "students", "entrepreneurs", "businesses", theme=theme), long_word):
        file = tmp_path / "letter.html"
        file.write_text(fill(letter.html, VALUES, escape=True), encoding="utf-8")
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
    # The only thing fetched is the picture that the author put in.
    assert {url for url in asked if not url.startswith("file:")} == {"https://example.org/a.jpg"}


_PRICES = "| Når | Hva | Pris |\n|---|---|---|\n| 17. november | Webinar med næringslivet | 12 000 |"
_ENDLESS = f"| Når | Hva | Pris |\n|---|---|---|\n| 17. november | {'ord' * 100} | 12 000 |"
_LINKS = (
    "| Når | Hva | Pris |\n|---|---|---|\n| 17. november | [Barentsbiblioteket lesesal](https://example.org) | 12 000 |"
)
_CAPITALS = "| NÅR | HVA | ANTALL |\n|---|---|---|\n| TIRSDAG | MIDTSOMMERFESTEN | 12 |"


@pytest.mark.parametrize(
    "table", [_PRICES, _ENDLESS, _LINKS, _CAPITALS], ids=["prices", "endless", "links", "capitals"]
)
@pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=["arctic", "plain"])
def test_a_table_breaks_no_number_and_no_date_on_the_narrowest_phone(chromium: Browser, theme: Theme, table: str):
    page = chromium.new_page(viewport={"width": 320, "height": 700})
    page.set_content(one_section(table, theme=theme).html)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    lines = """cells => cells.map(cell => {
        const words = document.createRange(); words.selectNodeContents(cell);
        return Math.round(words.getBoundingClientRect().height / parseFloat(getComputedStyle(cell).lineHeight)) })"""
    taken = page.locator("table.data tr").evaluate_all(f"rows => rows.map(row => ({lines})([...row.children]))")
    page.close()
    assert [(row[0], row[2]) for row in taken] == [(1, 1), (1, 1)]


def test_a_name_that_is_never_broken_gives_way_in_a_table_that_is_too_narrow_for_it(chromium: Browser):
    rows = "| Når | Hva | Pris |\n|---|---|---|\n| 18. november 2021 | Næringslivet i Sør-Varanger | 12 000 000 |"
    page = chromium.new_page(viewport={"width": 320, "height": 700})
    page.set_content(one_section(rows).html)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()


@pytest.mark.parametrize("title", ["BIBLIOTEKET I ELVEBAKKEN KOMMUNE", "Kompetansepiloten", "Stengt fredag", "Uke 45"])
@pytest.mark.parametrize("width", [320, 700])
def test_no_word_of_a_title_is_broken(chromium: Browser, title: str, width: int):
    page = chromium.new_page(viewport={"width": width, "height": 700})
    page.set_content(render(replace(ISSUE, title=title)).html)
    heights = (
        "h1 => [h1.offsetHeight, (h1.style.wordBreak = 'normal', h1.offsetHeight), h1.scrollWidth - h1.clientWidth]"
    )
    broken, whole, too_wide = page.locator("h1").evaluate(heights)
    page.close()
    assert (broken, too_wide) == (whole, 0)


def test_a_telephone_number_is_not_broken_in_running_text(chromium: Browser):
    page = chromium.new_page(viewport={"width": 320, "height": 700})
    for before in range(1, 30):
        page.set_content(one_section(f"{'i' * before} meld fra på 78 97 74 00 eller +47 900 00 000, til 4 200 m.").html)
        assert page.locator("span.whole").count() == 3
        for span in page.locator("span.whole").all():
            assert len(span.evaluate("e => [...e.getClientRects()]")) == 1
    page.close()


@pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=["arctic", "plain"])
def test_the_lines_of_a_nested_list_are_evenly_apart(chromium: Browser, theme: Theme):
    page = chromium.new_page(viewport={"width": 375, "height": 700})
    page.set_content(one_section("- en\n  - to\n  - tre\n    1. fire\n- fem\n- seks", theme=theme).html)
    tops = page.locator("li").evaluate_all("items => items.map(e => e.getBoundingClientRect().top)")
    page.close()
    gaps = {round(below - above, 1) for above, below in pairwise(tops)}
    assert len(gaps) == 1
