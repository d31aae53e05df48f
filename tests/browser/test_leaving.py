"""From the link in a letter that was really delivered to the page that says "you have left", as a reader does it."""

import pytest

from subscribers.models import ConsentEvent, Subscriber
from tests.factories import SubscriberFactory
from tests.public.delivered import delivered, unsubscribe_link, web_link

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def letter(redis_server, smtp_sink, live_server, settings):
    """The letter that Kari got."""
    settings.SITE_URL = live_server.url
    SubscriberFactory(address="kari@example.com")
    delivered()
    (message,) = smtp_sink.messages
    return message


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(request, chromium):
    """A page of a browser that has never been here."""
    context = chromium.new_context(locale="en-GB", java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def status():
    return Subscriber.objects.get().status


def test_leaving_with_the_keyboard_alone(page, letter):
    page.goto(unsubscribe_link(letter))
    assert page.get_by_role("heading", level=1).inner_text() == "Vil du slutte å få ukebrevet?"
    assert status() == "active"
    for _ in range(2):
        page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Ja, meld meg av")
    assert button.and_(page.locator(":focus")).count() == 1
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Du er meldt av").wait_for()
    assert status() == "unsubscribed"
    assert ConsentEvent.objects.get(kind="withdrawn").source == "page"


def test_going_back_and_pressing_again_ends_on_the_same_page(page, letter):
    for _ in range(2):
        page.goto(unsubscribe_link(letter))
        if (button := page.get_by_role("button", name="Ja, meld meg av")).count():
            button.click()
        page.get_by_role("heading", name="Du er meldt av").wait_for()
    assert ConsentEvent.objects.count() == 1


def test_undo_brings_back_and_says_so(page, letter):
    ConsentEvent.objects.create(subscriber=Subscriber.objects.get(), kind="added", source="cli")
    page.goto(unsubscribe_link(letter))
    page.get_by_role("button", name="Ja, meld meg av").click()
    page.get_by_role("button", name="Angre, jeg vil være med").click()
    page.get_by_text("Du er på listen igjen.").wait_for()
    assert status() == "active"


def test_a_reason_is_one_press(page, letter):
    page.goto(unsubscribe_link(letter))
    page.get_by_role("button", name="Ja, meld meg av").click()
    page.get_by_role("button", name="For mye").click()
    page.get_by_text("Takk for at du sa det.").wait_for()
    assert status() == "unsubscribed"
    assert "reason" in ConsentEvent.objects.latest("pk").detail


def test_who_gets_too_much_finds_a_pause_instead(page, letter):
    page.goto(unsubscribe_link(letter))
    page.get_by_role("link", name="ta en pause").click()
    page.get_by_label("Pause").select_option(index=2)
    page.get_by_role("button", name="Lagre").click()
    page.get_by_text("Lagret.").wait_for()
    assert Subscriber.objects.get().paused_until is not None
    assert status() == "active"


def test_the_letter_opens_in_the_browser_and_its_own_link_does_not_unsubscribe(page, letter):
    page.goto(web_link(letter))
    assert page.get_by_text("What Vitensenter is about.").is_visible()
    page.get_by_role("link", name="Meld deg av").click()
    page.get_by_role("heading", name="Use the link in your own letter").wait_for()
    assert status() == "active"


def test_the_browser_tells_the_token_to_nobody(page, letter):
    page.goto(unsubscribe_link(letter))
    requests = []
    page.on("request", lambda request: requests.append(request))  # noqa: PLW0108  # playwright takes no builtin
    page.get_by_role("link", name="Ukebrev fra").click()
    page.get_by_role("link", name="See the latest letter first").wait_for()
    assert len(requests) > 1
    token = unsubscribe_link(letter).rpartition("/")[2]
    assert [request.url for request in requests if token in request.all_headers().get("referer", "")] == []
