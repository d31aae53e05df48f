from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html as lxml_html
from playwright.sync_api import Browser

from mailer.rendering.letter import Options
from mailer.rendering.slots import SlotError
from mailer.rendering.template_check import full_issue
from mailer.rendering.theme import Theme
from mailer.rendering.web_edition import web_edition
from tests.rendering.letters import ARCTIC, PLAIN, VALUES, render, texts

OPTIONS = Options(
    preferences=True,
    calendar_url=lambda *_: "https://example.org/c/x.ics",
    more_less=True,
    fields=frozenset({"sted"}),
)
THEMES = pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=["arctic", "plain"])


def edition(*interests: str, theme: Theme = ARCTIC, language: str = "nb") -> str:
    letter = render(full_issue(), *interests, theme=replace(theme, greeting=True), language=language, options=OPTIONS)
    return web_edition(letter.html, {name: VALUES[name] for name in ("PREFERENCES_URL", "UNSUBSCRIBE_URL")})


@THEMES
def test_it_is_a_page_with_a_landmark_and_nothing_of_a_mail(theme: Theme):
    html = edition("a", theme=theme)
    page = lxml_html.document_fromstring(html)
    assert html.startswith("<!DOCTYPE html>")
    assert (page.xpath("count(//body/*)"), page.xpath("count(//body/main)")) == (1, 1)
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex, nofollow"]
    assert page.findtext(".//title") == "Uke 45"
    for gone in ("<!--", "@@", "preheader", "Vis i nettleser", "Du får", "GREETING", "Mer av dette"):
        assert gone not in html.split("</head>")[1], gone
    assert texts(page.xpath("//a[@class='door']")) == ["Endre hva du får", "Meld deg av"]
    assert "prefers-color-scheme" in html


def test_the_story_is_all_there():
    assert "Bare for noen." in edition("b")
    assert "Tekst for deg." in edition("a"), "nobody's value is there, so what is meant for who has none"
    assert "Gateadresse 1, 9900 Kirkenes" in edition("b")


def test_a_slot_without_a_value_is_told():
    with pytest.raises(SlotError, match="PREFERENCES_URL"):
        web_edition(render(options=OPTIONS).html, {"UNSUBSCRIBE_URL": "https://example.org"})


@THEMES
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("interests", [(), ("students",), ("a", "b")], ids=["all", "students", "two"])
def test_axe_finds_nothing(chromium: Browser, theme: Theme, scheme: str, interests: tuple[str, ...]):
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 375, "height": 700})  # type: ignore[arg-type]
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())
    page.set_content(edition(*interests, theme=theme, language="en"))
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    context.close()
    assert results.violations_count == 0, results.generate_report()
