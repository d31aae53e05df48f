"""Each public page in light and dark, on a phone and a desk: nothing blocked, nothing sideways, nothing that axe finds."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from subscribers.tokens import Holder, make_token
from tests.factories import SubscriberFactory

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = [(scheme, width) for scheme in ("light", "dark") for width in (375, 1280)]


@pytest.fixture
def addresses(live_server, settings):
    """Each kind of page and the address that shows it."""
    settings.SITE_URL = live_server.url
    stays, leaves = (
        make_token("unsubscribe", Holder(SubscriberFactory(status=s).pk)) for s in ("active", "unsubscribed")
    )
    gone = make_token("web", Holder(2**62, 1))
    paths = ["/", f"/u/{stays}", f"/u/{leaves}", "/u/", "/u/x", f"/w/{gone}", "/nothing"]
    return [live_server.url + path for path in paths]


@pytest.fixture
def open_pages(chromium, addresses):
    """Yields each page, opened, and closes the browser's window at the end."""

    def pages(scheme, width, **options):
        context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 720}, **options)
        page = context.new_page()
        for address in addresses:
            page.goto(address)
            yield page
        context.close()

    return pages


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
@pytest.mark.parametrize("theme", ["arctic", "plain"])
def test_axe_finds_nothing(open_pages, settings, theme, scheme, width):
    settings.THEME = theme
    found = {}
    for page in open_pages(scheme, width):
        results = Axe().run(page, options={"resultTypes": ["violations"]})
        if results.violations_count:
            found[page.url] = results.generate_report()
    assert found == {}


@pytest.mark.parametrize("width", [320, 375, 1280])
def test_nothing_has_to_be_scrolled_sideways(open_pages, width):
    for page in open_pages("light", width):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def test_the_browser_blocks_nothing_and_both_stylesheets_and_the_sky_arrive(open_pages):
    said = []
    for page in open_pages("dark", 1280):
        page.on("console", lambda message: said.append(message.text))
        page.reload()
        assert page.evaluate("[...document.styleSheets].every(sheet => sheet.cssRules.length > 0)")
        assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 30, 40)"
    assert [text for text in said if "Content Security Policy" in text or "Refused" in text] == []


@pytest.mark.parametrize("width", [375, 1280])
def test_what_can_be_pressed_is_large_enough_and_shows_its_focus(open_pages, width):
    for page in open_pages("light", width):
        for part in page.locator(".go").all():
            assert part.bounding_box()["height"] >= 44
        page.keyboard.press("Tab")
        focused = page.evaluate_handle("document.activeElement")
        assert focused.evaluate("(part) => part.tagName") in {"A", "BUTTON"}, page.url
        assert focused.evaluate("(part) => getComputedStyle(part).outlineWidth") == "3px", page.url
