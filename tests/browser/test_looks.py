"""Each public page in light and dark, on a phone and a desk: nothing blocked, nothing sideways, nothing that axe finds."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from subscribers.models import AddressChange, ConsentEvent, Interest
from subscribers.tokens import Holder, make_expiring_token, make_token
from tests.factories import SubscriberFactory, make_interests

pytestmark = pytest.mark.django_db(transaction=True)

# Of those that are seen and can be reached.
HEIGHTS = """parts => parts
    .filter(part => part.checkVisibility({visibilityProperty: true}) && part.getAttribute("tabindex") !== "-1")
    .map(part => part.getBoundingClientRect().height)"""
FOCUSED = "() => [document.activeElement.tagName, getComputedStyle(document.activeElement).outlineWidth]"
SCREENS = [(scheme, width) for scheme in ("light", "dark") for width in (375, 1280)]


@pytest.fixture
def addresses(live_server, settings):
    """Each kind of page and the address that shows it."""
    settings.SITE_URL = live_server.url
    make_interests()
    Interest.objects.filter(slug="students").update(description_nb="Jobb og bolig", description_en="Jobs and a home")
    kari = SubscriberFactory(name="Kari Nordmann", follows=("students", "entrepreneurs"))
    left, pending = SubscriberFactory(status="unsubscribed"), SubscriberFactory(status="pending")
    ConsentEvent.objects.create(subscriber=left, kind="added", source="cli")
    detail = {"interests": ["students"], "language": "nb"}
    asked = ConsentEvent.objects.create(subscriber=pending, kind="asked", source="page", detail=detail)
    change = AddressChange.objects.create(subscriber=kari, address="new@example.org", address_key="new@example.org")
    was = AddressChange.objects.create(subscriber=left, address="was@example.org", address_key="was@example.org")
    stays, leaves = (make_token("unsubscribe", Holder(person.pk)) for person in (kari, left))
    own = f"/p/{make_token('preferences', Holder(kari.pk))}"
    paths = [
        "/", "/asked", "/form", "/form/asked", "/link", "/link/asked", "/archive", "/privacy", "/accessibility", "/?lang=en",
        f"/confirm/{make_expiring_token('confirm', pending.pk, asked.pk, seconds=600)}",
        f"/agree/{make_expiring_token('agree', kari.pk, change.pk, seconds=600)}",
        f"/address/{make_expiring_token('address', left.pk, was.pk, seconds=600)}",
        f"/address/{make_expiring_token('address', kari.pk, change.pk, seconds=600)}",
        f"{own}?done=saved", f"{own}?done=last", f"{own}/address", f"{own}/more/businesses", f"{own}/less/students", f"{own}/stay",
        f"/u/{stays}", f"/u/{leaves}", "/u/", "/u/x", f"/w/{make_token('web', Holder(2**62, 1))}", "/nothing",
    ]  # fmt: skip
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
        heights = page.locator(".go, .plain, .choice, input[type=text], select").evaluate_all(HEIGHTS)
        assert all(height >= 44 for height in heights), page.url
        page.keyboard.press("Tab")
        name, outline = page.evaluate(FOCUSED)
        assert name in {"A", "BUTTON", "INPUT"}, page.url
        assert outline == "3px", page.url


def test_a_form_that_will_not_do_is_found_fault_with_by_words_and_not_by_axe(chromium, addresses, monkeypatch):
    monkeypatch.setattr("mailer.public.traps._SHORTEST", 0)
    for scheme in ("light", "dark"):
        page = chromium.new_context(color_scheme=scheme, viewport={"width": 375, "height": 720}).new_page()
        for typed in ("kari@", "kari@gmial.com"):
            page.goto(addresses[0])
            page.locator("#address").fill(typed)
            page.get_by_role("button", name="Sign me up").click()
            assert page.locator("#address:focus").input_value() == typed
            results = Axe().run(page, options={"resultTypes": ["violations"]})
            assert results.violations_count == 0, results.generate_report()
        page.context.close()
