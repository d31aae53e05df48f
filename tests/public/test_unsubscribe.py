import pytest

from mailer.models import Feedback
from mailer.public.leaving import FROM_PAGE
from subscribers.models import ConsentEvent, Subscriber
from subscribers.tokens import Holder, make_token
from tests.factories import SubscriberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def kari():
    return SubscriberFactory(address="kari@example.com")


def link_of(person):
    return f"/u/{make_token('unsubscribe', Holder(person.pk))}"


def status_of(person):
    return Subscriber.objects.get(pk=person.pk).status


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete"])
def test_only_a_post_unsubscribes(client, kari, method):
    getattr(client, method)(link_of(kari))
    getattr(client, method)(f"{link_of(kari)}?{FROM_PAGE}")
    assert status_of(kari) == "active"
    assert not Feedback.objects.exists()


def test_a_prefetching_browser_and_a_link_scanner_change_nothing(client, kari):
    client.get(link_of(kari), headers={"Sec-Purpose": "prefetch", "User-Agent": "Mozilla/5.0 (compatible; SafeLinks)"})
    client.get(f"{link_of(kari)}?List-Unsubscribe=One-Click")
    assert status_of(kari) == "active"


def test_the_page_masks_the_address(client, kari):
    page = client.get(link_of(kari)).content.decode()
    assert "k•••@e•••.com" in page
    assert "kari" not in page.lower()


def test_the_button_unsubscribes_before_the_page_answers(client, kari):
    page = client.post(f"{link_of(kari)}?{FROM_PAGE}")
    assert "Du er meldt av" in page.content.decode()
    assert status_of(kari) == "unsubscribed"
    assert ConsentEvent.objects.get(subscriber=kari).source == "page"


def test_doing_it_again_shows_the_same_page_and_counts_once(client, kari):
    pages = [client.post(link_of(kari)) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].content == pages[1].content
    assert Feedback.objects.count() == ConsentEvent.objects.count() == 1


@pytest.mark.parametrize("status", ["unsubscribed", "complained", "erased"])
def test_who_has_left_sees_so_and_no_button_to_leave(client, kari, status):
    Subscriber.objects.filter(pk=kari.pk).update(status=status)
    page = client.get(link_of(kari)).content.decode()
    assert "Du er meldt av" in page
    assert "meld meg av" not in page
    assert ("/reason" in page) == (status == "unsubscribed")
    assert ("k•••" in page) == (status != "erased")


@pytest.mark.parametrize("status", ["pending", "bounced"])
def test_who_gets_no_mail_just_now_can_still_leave_for_good(client, kari, status):
    Subscriber.objects.filter(pk=kari.pk).update(status=status)
    assert "<form" in client.get(link_of(kari)).content.decode()
    client.post(link_of(kari))
    assert status_of(kari) == "unsubscribed"


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_who_is_not_there_any_more_is_told_that_they_have_left(client, method):
    answer = getattr(client, method)(f"/u/{make_token('unsubscribe', Holder(2**62))}")
    assert answer.status_code == 200
    assert "Du er meldt av" in answer.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda token: token[:-1],
        lambda token: token[:10],
        lambda token: ("B" if token[0] == "A" else "A") + token[1:],
        lambda _: "ø\u202e%00",
        lambda _: "A" * 5000,
    ],
)
def test_a_link_that_was_cut_or_forged_is_explained_and_changes_nothing(client, kari, method, damage):
    token = link_of(kari).removeprefix("/u/")
    answer = getattr(client, method)(f"/u/{damage(token)}")
    assert answer.status_code == 404
    assert "Lenken virker ikke" in answer.content.decode()
    assert status_of(kari) == "active"


def test_a_token_for_the_web_edition_unsubscribes_nobody(client, kari):
    assert client.post(f"/u/{make_token('web', Holder(kari.pk))}").status_code == 404
    assert status_of(kari) == "active"


def test_the_page_speaks_the_subscribers_language_not_the_browsers(client):
    for language, words in (("nb", "Ja, meld meg av"), ("en", "Yes, take me off the list")):
        answer = client.get(link_of(SubscriberFactory(language=language)), headers={"Accept-Language": "nb, en;q=0.5"})
        assert words in answer.content.decode()
        assert f'<html lang="{language}">' in answer.content.decode()
        assert answer["Content-Language"] == language


def test_neither_caches_nor_search_engines_nor_other_sites_learn_the_token(client, kari):
    for answer in (client.get(link_of(kari)), client.post(link_of(kari)), client.get(link_of(kari)[:-1])):
        assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
