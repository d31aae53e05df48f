from datetime import date, timedelta

import pytest
from django.utils import timezone

from subscribers.limits import MemoryCounters, use
from subscribers.models import ConsentEvent, Interest, Subscriber
from subscribers.preferences import unsubscribe
from subscribers.tokens import Holder, make_token
from tests.factories import SubscriberFactory, make_interests
from tests.public.trees import page_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def kari():
    use(MemoryCounters())
    make_interests()
    return SubscriberFactory(address="kari@example.com", name="Kari Nordmann", follows=("students", "entrepreneurs"))


@pytest.fixture
def link(kari):
    return f"/p/{make_token('preferences', Holder(kari.pk))}"


def followed(person):
    return [interest.slug for interest in Subscriber.objects.get(pk=person.pk).interests.all()]


def test_the_page_shows_what_was_chosen_and_no_address(client, link):
    page = page_of(client.get(link))
    assert page.findtext(".//h1") == "Hei, Kari. Hva vil du lese om?"
    assert page.xpath("//input[@checked]/@value") == ["students", "entrepreneurs"]
    assert "kari@" not in page.text_content()


def test_what_is_chosen_is_taken_over_and_written_down(client, kari, link):
    until = timezone.localdate() + timedelta(days=30)
    answer = client.post(link, {"interests": ["businesses"], "language": "en", "paused_until": until.isoformat()})
    assert (answer.status_code, answer["Location"]) == (303, f"{link}?done=saved")
    kari.refresh_from_db()
    assert (followed(kari), kari.language, kari.paused_until) == (["businesses"], "en", until)
    changed, paused = ConsentEvent.objects.order_by("pk")
    assert changed.detail == {"interests": [["students", "entrepreneurs"], ["businesses"]], "language": ["nb", "en"]}
    assert (paused.kind, paused.detail) == ("paused", {"until": until.isoformat()})
    assert "Saved." in client.get(answer["Location"]).content.decode()


def test_choosing_the_same_again_writes_nothing_down(client, link):
    client.post(link, {"interests": ["students", "entrepreneurs"], "language": "nb"})
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("until", ["2001-01-01", "9999-12-31", "tomorrow", "2026-02-30"])
def test_a_pause_that_is_none_is_refused_and_nothing_is_saved(client, kari, link, until):
    answer = client.post(link, {"interests": ["businesses"], "language": "en", "paused_until": until})
    assert answer.status_code == 422
    assert "Ikke lagret." in answer.content.decode()
    assert followed(kari) == ["students", "entrepreneurs"]


def test_an_interest_that_is_no_more_is_told_and_the_rest_stays_ticked(client, kari, link):
    answer = client.post(link, {"interests": ["businesses", "gone"], "language": "nb"})
    assert "finnes ikke lenger" in answer.content.decode()
    assert page_of(answer).xpath("//input[@checked]/@value") == ["businesses"]
    assert followed(kari) == ["students", "entrepreneurs"]


@pytest.mark.parametrize("path", ["", "/more/students", "/less/students", "/stay", "/address"])
def test_opening_a_link_changes_nothing(client, kari, link, path):
    client.get(link + path)
    client.head(link + path)
    assert followed(kari) == ["students", "entrepreneurs"]
    assert not ConsentEvent.objects.exists()


def test_more_and_less_of_a_section_take_one_press(client, kari, link):
    client.post(f"{link}/more/businesses")
    assert followed(kari) == ["students", "entrepreneurs", "businesses"]
    client.post(f"{link}/less/students")
    assert followed(kari) == ["entrepreneurs", "businesses"]


def test_less_for_who_gets_everything_leaves_all_the_others(client, link, kari):
    kari.subscriptions.all().delete()
    client.post(f"{link}/less/students")
    assert followed(kari) == ["entrepreneurs", "businesses"]


def test_more_for_who_gets_everything_takes_nothing_away(client, link, kari):
    kari.subscriptions.all().delete()
    assert "så du får alt allerede" in " ".join(client.get(f"{link}/more/students").content.decode().split())
    client.post(f"{link}/more/students")
    assert followed(kari) == []


def test_less_of_the_last_interest_does_not_turn_into_everything(client, link, kari):
    client.post(f"{link}/less/students")
    answer = client.post(f"{link}/less/entrepreneurs", follow=True)
    assert "Det er det eneste temaet du følger." in answer.content.decode()
    assert followed(kari) == ["entrepreneurs"]


def test_who_left_in_another_tab_is_told_so_instead(client, kari, link):
    unsubscribe(kari.pk, source="page")
    for answer in (client.get(link), client.post(link, {"interests": ["businesses"], "language": "nb"})):
        assert answer.status_code == 303
        assert "Du er meldt av" in client.get(answer["Location"]).content.decode()
    assert followed(kari) == ["students", "entrepreneurs"]


@pytest.mark.parametrize("status", ["pending", "erased"])
def test_a_link_of_who_is_not_on_the_list_works_no_longer(client, kari, link, status):
    Subscriber.objects.update(status=status)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("path", ["", "/address", "/more/students", "/less/students", "/stay"])
def test_a_forged_link_offers_a_new_one(client, kari, link, path):
    forged = f"/p/{make_token('unsubscribe', Holder(kari.pk))}"
    for damaged in (forged, link[:-1], link[:9]):
        assert client.post(damaged + path).status_code == 404
    assert not ConsentEvent.objects.exists()


def test_who_was_asked_says_that_they_stay(client, kari, link):
    client.post(f"{link}/stay")
    kari.refresh_from_db()
    assert kari.heard_at is not None
    assert ConsentEvent.objects.get().kind == "confirmed"


def test_a_pause_is_offered_with_the_days_it_ends_at(client, link):
    page = page_of(client.get(link))
    days = [date.fromisoformat(value) for value in page.xpath("//select[@name='paused_until']/option/@value") if value]
    assert [(day - timezone.localdate()).days for day in days] == [14, 30, 91]


def test_each_interest_tells_what_it_is_about_if_somebody_wrote_it(client, link):
    Interest.objects.filter(slug="students").update(description_nb="Jobb, bolig <og> stipend", description_en="Jobs")
    for path, said in ((link, "Jobb, bolig <og> stipend"), ("/", "Jobb, bolig <og> stipend"), ("/?lang=en", "Jobs")):
        assert page_of(client.get(path)).xpath("//label//small/text()") == [said]


def test_the_page_tells_why_one_gets_the_letter_by_what_is_known(client, kari, link):
    def why():
        return " ".join(" ".join(page_of(client.get(link)).xpath("//main/p/text()")).split())

    assert "fordi" not in why()
    ConsentEvent.objects.create(subscriber=kari, kind="added", source="import", basis="Told Torill at the fair")
    assert "fått vite at du vil ha det" in why()
    assert "Torill" not in why()
    assert "bekreftet det" not in why()
    ConsentEvent.objects.create(subscriber=kari, kind="confirmed", source="page", basis="Asked whether they still ...")
    assert "fått vite at du vil ha det" in why()
    ConsentEvent.objects.create(subscriber=kari, kind="confirmed", source="page", detail={"asked": 1})
    assert "bekreftet det fra din egen innboks" in why()
