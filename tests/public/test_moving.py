"""Another address: asked for by the link of a letter, agreed to from the present mailbox, confirmed from the new one."""

import pytest

from subscribers.limits import MemoryCounters, use
from subscribers.models import AddressChange, ConsentEvent, Subscriber
from subscribers.preferences import unsubscribe
from subscribers.tokens import Holder, make_token
from tests.factories import SubscriberFactory, make_interests
from tests.public.owed import body_of, link_in, newest, send_owed
from tests.public.trees import page_of, path_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]

OLD, NEW = "kari@example.com", "kari.ny@example.org"


@pytest.fixture
def kari(settings):
    use(MemoryCounters())
    make_interests()
    settings.MAILS_PER_ADDRESS = ((3, 3600),)
    return SubscriberFactory(address=OLD, name="Kari Nordmann")


@pytest.fixture
def link(kari):
    """What stands in each of her letters, and goes along when she passes one on."""
    return f"/p/{make_token('preferences', Holder(kari.pk))}"


@pytest.fixture
def asked(client, link, smtp_sink):
    """Asks for another address; returns the link that was written to the present one."""

    def ask(address=NEW):
        client.post(f"{link}/address", {"address": address})
        send_owed()
        return path_in(link_in(newest(smtp_sink, OLD), "agree"))

    return ask


@pytest.fixture
def agreed(client, asked, smtp_sink):
    """Asks for another address and agrees to it; returns the link that was written to the new one."""

    def agree(address=NEW):
        client.post(asked(address))
        send_owed()
        return path_in(link_in(newest(smtp_sink, address), "address"))

    return agree


def address_of(person):
    return Subscriber.objects.get(pk=person.pk).address


def recipients(smtp_sink):
    return [message.recipients[0] for message in smtp_sink.messages]


def test_who_was_passed_a_letter_on_can_take_nothing_over(client, kari, link, smtp_sink):
    for number in range(3):
        client.post(f"{link}/address", {"address": f"mallory{number}@example.net"})
    send_owed()
    assert set(recipients(smtp_sink)) == {OLD}
    assert b"mallory" not in b"".join(message.content for message in smtp_sink.messages)
    assert "Kanskje har du sendt et brev videre" in " ".join(body_of(newest(smtp_sink, OLD), "plain").split())
    assert address_of(kari) == OLD


def test_it_moves_when_both_mailboxes_have_said_yes(client, kari, agreed, smtp_sink):
    confirm = agreed("Kari.Ny@example.org")
    assert address_of(kari) == OLD
    client.get(confirm)
    assert address_of(kari) == OLD
    for answer in (client.post(confirm), client.post(confirm), client.get(confirm)):
        assert "Adressen er byttet" in answer.content.decode()
    kari.refresh_from_db()
    assert (kari.address, kari.address_key, kari.domain) == ("Kari.Ny@example.org", NEW, "example.org")
    send_owed()
    told = newest(smtp_sink, OLD)
    assert told.parsed()["Subject"] == "Ukebrevet kommer ikke hit lenger"
    assert b"kari.ny" not in told.content.lower()
    event = ConsentEvent.objects.get(kind="address")
    assert event.detail == {"address": ["k•••@e•••.com", "K•••@e•••.org"]}


def test_a_scanner_that_opens_every_link_agrees_to_nothing(client, asked, smtp_sink):
    link = asked()
    page = client.get(link).content.decode()
    client.head(link)
    send_owed()
    assert NEW in page
    assert recipients(smtp_sink) == [OLD]


def test_agreeing_twice_asks_the_new_address_once(client, settings, asked, smtp_sink):
    settings.MAILS_PER_ADDRESS = ((1, 3600),)
    link = asked()
    for _ in range(3):
        assert "Se i den nye innboksen" in client.post(link).content.decode()
    send_owed()
    assert recipients(smtp_sink) == [OLD, NEW]


def test_the_present_mailbox_is_not_flooded_and_the_page_says_why(client, settings, link, smtp_sink):
    settings.MAILS_PER_ADDRESS = ((1, 3600),)
    answers = [client.post(f"{link}/address", {"address": f"mallory{number}@example.net"}) for number in range(4)]
    send_owed()
    assert [answer.status_code for answer in answers] == [303, 429, 429, 429]
    assert "Vi har nettopp skrevet til deg om dette." in answers[1].content.decode()
    assert recipients(smtp_sink) == [OLD]


def test_an_address_of_somebody_else_is_answered_alike_all_the_way_and_not_taken(client, kari, link, asked, smtp_sink):
    SubscriberFactory(address="ola@example.com")
    pages = [page_of(client.post(asked(f"{name}@example.com"))).find(".//main") for name in ("ola", "one")]
    assert pages[0].text_content().replace("ola@", "one@") == pages[1].text_content()
    send_owed()
    assert "/p/" in link_in(newest(smtp_sink, "ola@example.com"), "p")
    assert address_of(kari) == OLD


def test_only_the_newest_change_counts_and_the_older_links_say_so(client, kari, asked, agreed):
    first_agree = asked("one@example.com")
    first = agreed("one@example.com")
    second = agreed("two@example.com")
    for answer in (client.get(first), client.post(first), client.get(first_agree), client.post(first_agree)):
        assert answer.status_code == 200
        assert "Ingenting er endret" in answer.content.decode()
    assert client.post(second).status_code == 200
    assert address_of(kari) == "two@example.com"


def test_a_link_that_was_used_undoes_nothing_newer_and_shows_no_address(client, kari, agreed):
    first = agreed(NEW)
    client.post(first)
    AddressChange.objects.create(subscriber=kari, address="x@example.com", address_key="x@example.com")
    for answer in (client.get(first), client.post(first)):
        page = page_of(answer)
        assert page.findtext(".//h1") == "Adressen ble byttet"
        assert "•" not in page.text_content()
        assert page.xpath("//main//a/@href") == ["/link"]
    assert address_of(kari) == NEW


def test_an_agreement_after_the_move_says_that_it_is_done(client, asked, agreed, kari):
    agree = asked()
    client.post(agreed())
    assert "Ingenting er endret" in client.post(agree).content.decode()
    assert address_of(kari) == NEW


def test_who_left_meanwhile_is_moved_nowhere_and_brought_back_by_nobody(client, kari, asked, agreed):
    agree, confirm = asked(), agreed()
    unsubscribe(kari.pk, source="page")
    for link in (agree, confirm):
        page = page_of(client.post(link))
        assert "har meldt seg av" in page.text_content()
        assert page.xpath("//main//a/@href") == ["/"]
    assert (address_of(kari), Subscriber.objects.get(pk=kari.pk).status) == (OLD, "unsubscribed")


def test_one_link_is_worth_nothing_for_the_other(client, kari, asked, agreed):
    agree, confirm = asked(), agreed()
    assert client.post(agree.replace("/agree/", "/address/")).status_code == 404
    assert client.post(confirm.replace("/address/", "/agree/")).status_code == 404
    assert address_of(kari) == OLD


def test_who_can_no_longer_read_the_old_mailbox_is_told_the_other_way(client, link):
    page = page_of(client.get(f"{link}/address"))
    assert [href[:3] for href in page.xpath("//main/p//a/@href")][-2:] == ["/", "/u/"]
