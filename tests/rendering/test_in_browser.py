"""The letter as a browser lays it out: the widths that phones have, and nothing asked of any other host."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mailer.rendering.slots import fill
from mailer.rendering.theme import Theme
from tests.rendering.letters import ARCTIC, PLAIN, VALUES, one_section, render
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
