import time
from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.public import traps
from subscribers.limits import MemoryCounters, use
from subscribers.models import ConsentEvent, Interest, OwedMail, Subscriber
from subscribers.preferences import unsubscribe
from tests.factories import SubscriberFactory, make_interests
from tests.public.owed import link_in, newest, send_owed
from tests.public.trees import page_of, path_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]

KARI = "kari@example.com"


@pytest.fixture(autouse=True)
def _fresh_counters(monkeypatch):
    use(MemoryCounters())
    make_interests()


@pytest.fixture
def stamp(monkeypatch):
    """The stamp of a form that was shown a while ago."""
    with monkeypatch.context() as patch:
        patch.setattr("mailer.public.traps._SHORTEST", 0)
        stamped = traps.stamp()
    monkeypatch.setattr("mailer.public.traps._SHORTEST", 0)
    return stamped


@pytest.fixture
def join(client, stamp):
    return lambda address=KARI, path="/", **more: client.post(path, {"address": address, "shown": stamp, **more})


def confirm_link(smtp_sink):
    send_owed()
    return path_in(link_in(newest(smtp_sink, KARI), "confirm"))


def test_from_the_form_over_the_mail_to_the_list(client, join, smtp_sink):
    answer = join(name="Kari", interests=["students"], language="nb", REMOTE_ADDR="x")
    assert (answer.status_code, answer["Location"]) == (303, "/asked")
    link = confirm_link(smtp_sink)
    page = client.get(link).content.decode()
    assert "k•••@e•••.com" in page
    assert f"For {Interest.objects.get(slug='students').name_nb}" in page
    assert Subscriber.objects.get().status == "pending"
    assert "Du er på listen" in client.post(link).content.decode()
    kari = Subscriber.objects.get()
    assert (kari.status, kari.name, [i.slug for i in kari.interests.all()]) == ("active", "Kari", ["students"])
    send_owed()
    assert newest(smtp_sink, KARI).parsed()["Subject"] == "Du får ukebrevet"
    assert {event.network for event in ConsentEvent.objects.all()} == {"127.0.0.0/24"}


def test_a_scanner_that_opens_the_link_confirms_nothing(client, join, smtp_sink):
    join()
    link = confirm_link(smtp_sink)
    for _ in range(3):
        client.get(link)
        client.head(link)
    assert Subscriber.objects.get().status == "pending"


@pytest.mark.parametrize("damage", [lambda t: t[:-1], lambda t: t[:9], lambda t: "B" + t[1:], lambda t: t + "A"])
def test_a_damaged_link_offers_a_new_one(client, join, smtp_sink, damage):
    join()
    token = confirm_link(smtp_sink).removeprefix("/confirm/")
    for answer in (client.get(f"/confirm/{damage(token)}"), client.post(f"/confirm/{damage(token)}")):
        assert answer.status_code == 404
        page = answer.content.decode()
        assert "Lenken virker ikke lenger" in page
        assert "Skriv adressen din, så sender vi en ny." in page
        assert 'action="/link"' in page
    assert Subscriber.objects.get().status == "pending"


def test_two_tabs_that_say_yes_and_no_end_where_the_last_press_was(client, join, smtp_sink):
    join()
    link = confirm_link(smtp_sink)
    client.post(link)
    unsubscribe(Subscriber.objects.get().pk, source="page")
    for answer in (client.get(link, follow=True), client.post(link, follow=True)):
        assert "Du er meldt av" in answer.content.decode()
    assert Subscriber.objects.get().status == "unsubscribed"


def test_a_used_link_says_what_is_so_now_and_changes_nothing(client, join, smtp_sink):
    join(interests=["students"])
    link = confirm_link(smtp_sink)
    client.post(link)
    logged = ConsentEvent.objects.count()
    until = timezone.localdate() + timedelta(days=20)
    Subscriber.objects.update(paused_until=until)
    for answer in (client.get(link), client.post(link)):
        page = page_of(answer)
        assert page.findtext(".//h1") == "Du er på listen"
        assert "Du har pause." in page.text_content()
        assert page.xpath("//main//form") == []
    assert ConsentEvent.objects.count() == logged
    assert Subscriber.objects.get().paused_until == until


def test_a_link_of_somebody_who_was_erased_since_names_nobody(client, join, smtp_sink):
    join()
    link = confirm_link(smtp_sink)
    Subscriber.objects.update(status="erased")
    assert client.get(link).status_code == client.post(link).status_code == 404


def test_a_page_that_finds_a_fault_says_so_in_its_title(client, join):
    assert page_of(join("kari@")).findtext("head/title").startswith("Feil: Ukebrev")
    assert page_of(join("kari@gmial.com")).findtext("head/title").startswith("Se over: Ukebrev")
    assert page_of(client.get("/")).findtext("head/title").startswith("Ukebrev")


def test_the_answer_is_the_same_for_everyone(join, smtp_sink):
    for name, status in (("a", "active"), ("b", "unsubscribed"), ("c", "complained"), ("d", "pending")):
        SubscriberFactory(address=f"{name}@example.com", status=status)
    answers = [join(f"{name}@example.com") for name in "abcde"]
    assert len({(answer.status_code, answer["Location"], answer.content) for answer in answers}) == 1


def test_what_was_typed_stays_when_the_address_will_not_do(join):
    answer = join("kari@", name="Kari <b>", interests=["students"])
    page = page_of(answer)
    assert answer.status_code == 422
    address = page.get_element_by_id("address")
    assert (address.get("value"), address.get("aria-invalid")) == ("kari@", "true")
    assert "autofocus" in address.attrib
    said = page.get_element_by_id(address.get("aria-describedby")).text_content()
    assert "«kari@» er ingen e-postadresse" in said
    assert page.get_element_by_id("name").get("value") == "Kari <b>"
    assert page.xpath("//input[@name='interests'][@checked]/@value") == ["students"]


def test_a_likely_slip_is_asked_about_once_and_never_in_the_way(client, join, stamp):
    page = page_of(join("kari@gmial.com", interests=["students"]))
    better, own = page.get_element_by_id("better-form"), page.xpath("//main//form")[0]
    assert dict(better.form_values())["address"] == "kari@gmail.com"
    assert ("interests", "students") in better.form_values()
    assert client.post("/", dict(own.form_values())).status_code == 303
    assert OwedMail.objects.get().address == "kari@gmial.com"
    assert client.post("/", dict(better.form_values())).status_code == 303
    assert OwedMail.objects.latest("pk").address == "kari@gmail.com"


def test_a_form_that_is_sent_at_once_is_asked_to_be_sent_once_more(client):
    page = page_of(client.get("/")).xpath("//main//form")[0]
    page.fields["address"] = KARI
    answer = client.post("/", dict(page.form_values()))
    assert answer.status_code == 422
    assert "trykk én gang til" in answer.content.decode()
    assert page_of(answer).get_element_by_id("address").get("value") == KARI
    assert not OwedMail.objects.exists()


def test_who_puts_a_slip_right_may_be_quick_about_it(client, monkeypatch):
    began = time.time()
    stamped = traps.stamp()
    monkeypatch.setattr("time.time", lambda: began + 5)
    form = page_of(client.post("/", {"address": "kari@", "shown": stamped})).xpath("//main//form")[0]
    form.fields["address"] = KARI
    assert client.post("/", dict(form.form_values())).status_code == 303


@pytest.mark.parametrize("shown", ["", "1", "1:forged", "x" * 100])
def test_a_form_that_nobody_was_shown_is_asked_to_be_sent_once_more(client, shown):
    assert client.post("/", {"address": KARI, "shown": shown}).status_code == 422
    assert not OwedMail.objects.exists()


def test_what_fills_in_every_field_gets_nothing_sent(join):
    answer = join(website="http://spam.example")
    assert answer.status_code == 422
    assert "skal være tomt" in answer.content.decode()
    assert page_of(answer).get_element_by_id("website").get("value") is None
    assert not OwedMail.objects.exists()


def test_a_thousand_sign_ups_in_a_minute_send_a_few_mails_and_every_answer_is_a_page(join):
    answers = [join(f"kari{number}@example.com") for number in range(100)]
    assert OwedMail.objects.count() == 20
    assert {answer.status_code for answer in answers} == {303, 429}
    last = answers[-1]
    assert "Svært mange har meldt seg på herfra" in last.content.decode()
    assert last["Retry-After"] == "600"


def test_a_thousand_sign_ups_of_one_address_send_one_mail(join, settings):
    settings.SIGNUPS_PER_NETWORK = ((10_000, 60),)
    assert {join().status_code for _ in range(100)} == {303}
    assert OwedMail.objects.exclude(due_at=None).count() == 1


def test_behind_a_proxy_the_network_is_the_one_that_our_own_proxy_saw(client, stamp, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    chain = "203.0.113.7, 198.51.100.9"
    client.post("/", {"address": KARI, "shown": stamp}, headers={"X-Forwarded-For": chain})
    assert OwedMail.objects.get().detail["network"] == "198.51.100.0/24"


def test_without_a_proxy_nobody_makes_up_where_they_come_from(client, stamp):
    client.post("/", {"address": KARI, "shown": stamp}, headers={"X-Forwarded-For": "203.0.113.7"})
    assert OwedMail.objects.get().detail["network"] == "127.0.0.0/24"


def test_any_site_may_post_its_own_form(client):
    answer = client.post("/signup?lang=en", {"address": KARI}, headers={"Origin": "https://elsewhere.example"})
    assert (answer.status_code, answer["Location"]) == (303, "/asked?lang=en")
    owed = OwedMail.objects.get()
    assert (owed.detail["form"], owed.detail["language"]) == ("embedded", "en")


def test_a_mistake_in_a_form_of_another_site_is_shown_on_ours(client):
    answer = client.post("/signup", {"address": "kari@gmial.com"})
    assert "Mente du" in answer.content.decode()
    assert page_of(answer).xpath("//main//form/@action")[0] == "/"


def test_only_the_form_for_frames_may_be_framed(client):
    for path, ancestors in (("/form", "*"), ("/form/asked", "*"), ("/", "'none'"), ("/asked", "'none'")):
        answer = client.get(path)
        assert f"frame-ancestors {ancestors}" in answer["Content-Security-Policy"]
        assert ("X-Frame-Options" in answer) == (ancestors != "*")


def test_the_page_says_so_when_mail_does_not_get_out(client, join, settings, smtp_sink):
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    join()
    send_owed()
    page = client.get("/asked").content.decode()
    assert "Vi får ikke sendt bekreftelsen akkurat nå." in page
    assert "Den kommer så snart det går." in page


def test_a_queue_that_is_away_loses_nothing(join, smtp_sink, monkeypatch):
    monkeypatch.setattr("celery.current_app.conf.broker_url", "redis://127.0.0.1:1/0", raising=False)
    join()
    send_owed()
    assert len(smtp_sink.messages) == 1
