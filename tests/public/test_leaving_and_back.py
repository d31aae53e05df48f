from datetime import timedelta

import pytest
from django.utils import timezone

from subscribers.limits import MemoryCounters, use
from subscribers.models import ConsentEvent, OwedMail, Subscriber, Suppression
from subscribers.suppression import suppress
from subscribers.tokens import Holder, make_token
from tests.factories import SubscriberFactory
from tests.public.owed import link_in, newest, send_owed
from tests.public.trees import path_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def kari():
    use(MemoryCounters())
    person = SubscriberFactory(address="kari@example.com")
    ConsentEvent.objects.create(subscriber=person, kind="confirmed", source="page")
    return person


@pytest.fixture
def link(client, kari):
    """The link of Kari, who has just left."""
    path = f"/u/{make_token('unsubscribe', Holder(kari.pk))}"
    client.post(f"{path}?from=page")
    return path


def status():
    return Subscriber.objects.get().status


def test_one_press_brings_back_who_left_by_mistake(client, link):
    answer = client.post(f"{link}/undo", follow=True)
    assert "Du er på listen igjen." in answer.content.decode()
    assert status() == "active"
    assert [event.kind for event in ConsentEvent.objects.order_by("pk")] == ["confirmed", "withdrawn", "confirmed"]


def test_opening_the_undo_link_brings_nobody_back(client, link):
    assert client.get(f"{link}/undo")["Location"] == link
    assert status() == "unsubscribed"


def test_after_a_week_it_is_a_new_wish(client, link):
    Subscriber.objects.update(status_changed_at=timezone.now() - timedelta(days=8))
    assert "/undo" not in client.get(link).content.decode()
    answer = client.post(f"{link}/undo", follow=True).content.decode()
    assert "Det er for sent å angre." in answer
    assert "Meld deg på igjen" in answer
    assert status() == "unsubscribed"


@pytest.mark.parametrize("status_then", ["complained", "erased", "pending", "bounced"])
def test_undo_brings_back_nobody_but_who_left(client, link, status_then):
    Subscriber.objects.update(status=status_then)
    client.post(f"{link}/undo")
    assert status() == status_then


def test_undo_brings_back_nobody_suppressed(client, link):
    suppress("kari@example.com", Suppression.Reason.BLOCKED)
    client.post(f"{link}/undo")
    assert status() == "unsubscribed"


def test_who_never_said_yes_has_nothing_to_come_back_to(client):
    person = SubscriberFactory(status="pending")
    path = f"/u/{make_token('unsubscribe', Holder(person.pk))}"
    assert "/undo" not in client.post(f"{path}?from=page").content.decode()


def test_a_reason_is_taken_down_if_it_is_one_that_was_offered(client, link):
    client.post(f"{link}/reason", {"reason": "<script>"})
    answer = client.post(f"{link}/reason", {"reason": "too-much"}, follow=True)
    assert "Takk for at du sa det." in answer.content.decode()
    assert "Vil du si hvorfor" not in answer.content.decode()
    assert ConsentEvent.objects.latest("pk").detail == {"reason": "too-much"}
    assert status() == "unsubscribed"


def test_who_has_lost_the_link_is_sent_a_new_one(client, kari, smtp_sink):
    answer = client.post("/link", {"address": "KARI@example.com"})
    assert (answer.status_code, answer["Location"]) == (303, "/link/asked")
    send_owed()
    letter = newest(smtp_sink, "kari@example.com")
    assert client.get(path_in(link_in(letter, "p"))).status_code == 200
    assert client.get(path_in(link_in(letter, "u"))).status_code == 200


def test_nobody_learns_who_is_on_the_list(client, kari):
    answers = [client.post("/link", {"address": f"{name}@example.com"}) for name in ("kari", "stranger")]
    assert len({(answer.status_code, answer["Location"], answer.content) for answer in answers}) == 1
    assert OwedMail.objects.count() == 2


def test_a_letter_on_the_web_leads_to_a_page_that_asks_who_it_is(client):
    page = client.get("/u/").content.decode()
    assert 'action="/link"' in page


def test_one_press_on_the_leave_page_leads_to_fewer_subjects_or_a_pause(client, kari):
    page = client.get(f"/u/{make_token('unsubscribe', Holder(kari.pk))}").content.decode()
    assert "#interests" in page
    assert "#pause" in page
