"""From the form to the list and on, as a reader does it on a phone: with and without script, and with the keyboard alone."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mailer.public.embedding import form_html, frame_html
from subscribers.limits import MemoryCounters, use
from subscribers.models import Subscriber
from tests.factories import make_interests
from tests.public.owed import link_in, newest, send_owed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]

KARI = "kari@example.com"
# In milliseconds. The time trap asks whoever is quicker to press once more; one test waits for it to be over.
READING = 2100


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page(request, chromium, live_server, settings):
    settings.SITE_URL = live_server.url
    use(MemoryCounters())
    make_interests()
    context = chromium.new_context(
        locale="nb-NO", java_script_enabled=request.param, viewport={"width": 375, "height": 720}
    )
    opened = context.new_page()
    opened.goto(live_server.url)
    yield opened
    context.close()


@pytest.fixture
def at_once(monkeypatch):
    """Nobody is too quick."""
    monkeypatch.setattr("mailer.public.traps._SHORTEST", 0)


def join(page, address=KARI):
    page.get_by_label("E-postadresse").fill(address)
    page.wait_for_timeout(READING)
    page.get_by_role("button", name="Meld meg på").click()
    page.get_by_role("heading", name="Se i innboksen din").wait_for()


def confirm(page, smtp_sink):
    send_owed()
    page.goto(link_in(newest(smtp_sink, KARI), "confirm"))
    assert Subscriber.objects.get().status == "pending"
    page.get_by_role("button", name="Ja, send meg brevet").click()
    page.get_by_role("heading", name="Du er på listen").wait_for()


def test_joining_choosing_moving_and_asking_for_the_link_again(page, smtp_sink):
    page.locator("input[value=students]").check()
    join(page)
    confirm(page, smtp_sink)
    send_owed()
    page.goto(link_in(newest(smtp_sink, KARI), "p"))
    page.locator("input[value=businesses]").check()
    page.get_by_role("button", name="Lagre").click()
    page.get_by_text("Lagret.").wait_for()
    assert len(Subscriber.objects.get().interest_ids) == 2
    page.get_by_role("link", name="Bytt adresse").click()
    page.get_by_label("Ny e-postadresse").fill("kari@example.org")
    page.get_by_role("button", name="Be om å bytte").click()
    page.get_by_text("Se i innboksen din.").wait_for()
    send_owed()
    page.goto(link_in(newest(smtp_sink, KARI), "agree"))
    page.get_by_role("button", name="Ja, skriv til den nye adressen").click()
    page.get_by_role("heading", name="Se i den nye innboksen").wait_for()
    send_owed()
    page.goto(link_in(newest(smtp_sink, "kari@example.org"), "address"))
    page.get_by_role("button", name="Ja, send det hit").click()
    page.get_by_role("heading", name="Adressen er byttet").wait_for()
    assert Subscriber.objects.get().address == "kari@example.org"


def test_with_the_keyboard_alone(page, smtp_sink, at_once):
    def tab_to(part):
        for _ in range(12):
            page.keyboard.press("Tab")
            if part.and_(page.locator(":focus")).count():
                return
        pytest.fail("It can't be reached by Tab.")

    tab_to(page.get_by_label("E-postadresse"))
    page.keyboard.type(KARI)
    tab_to(page.locator("input[value=entrepreneurs]"))
    page.keyboard.press("Space")
    tab_to(page.get_by_role("button", name="Meld meg på"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Se i innboksen din").wait_for()
    send_owed()
    page.goto(link_in(newest(smtp_sink, KARI), "confirm"))
    tab_to(page.get_by_role("button", name="Ja, send meg brevet"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Du er på listen").wait_for()
    assert Subscriber.objects.get().interests.get().slug == "entrepreneurs"


def test_a_slip_is_put_right_with_one_press_and_enter_means_what_was_typed(page, smtp_sink, at_once):
    page.get_by_label("E-postadresse").fill("kari@gmial.com")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Ja, rett den").click()
    page.get_by_role("heading", name="Se i innboksen din").wait_for()
    send_owed()
    assert [message.recipients for message in smtp_sink.messages] == [["kari@gmail.com"]]


def test_the_language_is_changed_in_sight_and_stays(page):
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="A short letter, every week").wait_for()
    page.get_by_role("link", name="Accessibility").click()
    page.get_by_role("heading", name="Accessibility").wait_for()
    page.get_by_role("link", name="Norsk bokmål").click()
    page.get_by_role("heading", name="Tilgjengelighet").wait_for()
    assert page.locator("html").get_attribute("lang") == "nb"


@pytest.fixture
def other_site(tmp_path):
    """A folder, and the address under which a web server that is not ours shows its page."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield tmp_path, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_form_on_another_site_and_a_frame_lead_to_the_list(page, smtp_sink, at_once, other_site):
    folder, address = other_site
    for name, code in (("form", form_html((), "nb")), ("frame", frame_html((), "nb"))):
        page_around = f"<!doctype html><meta charset=utf-8><title>Another site</title>{code}"
        (folder / f"{name}.html").write_text(page_around, encoding="utf-8")
    page.goto(f"{address}/form.html")
    page.get_by_label("E-postadresse").fill(KARI)
    page.get_by_role("button", name="Meld meg på").click()
    page.get_by_role("heading", name="Se i innboksen din").wait_for()
    page.goto(f"{address}/frame.html")
    frame = page.frame_locator("iframe")
    frame.get_by_label("E-postadresse").fill("ola@example.com")
    frame.get_by_role("button", name="Meld meg på").click()
    frame.get_by_role("heading", name="Se i innboksen din").wait_for()
    send_owed()
    assert {message.recipients[0] for message in smtp_sink.messages} == {KARI, "ola@example.com"}
