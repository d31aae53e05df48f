"""Pausing, leaving, undoing and coming back in two tabs, in any order: the last press counts, and the page says what is so now."""

from datetime import timedelta

import pytest
from django.utils import timezone

from subscribers.limits import MemoryCounters, use
from subscribers.models import ConsentEvent, OwedMail, Subscriber
from subscribers.signup import Asked, ask_to_subscribe
from subscribers.tokens import Holder, make_token
from tests.factories import SubscriberFactory, make_interests
from tests.public.owed import link_in, newest, send_owed
from tests.public.trees import page_of, path_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]

UNTIL = timezone.localdate() + timedelta(days=30)


@pytest.fixture
def kari():
    use(MemoryCounters())
    make_interests()
    person = SubscriberFactory(address="kari@example.com", follows=("students",))
    ConsentEvent.objects.create(subscriber=person, kind="added", source="cli")
    return person


@pytest.fixture
def own(kari):
    return f"/p/{make_token('preferences', Holder(kari.pk))}"


@pytest.fixture
def leave(kari):
    return f"/u/{make_token('unsubscribe', Holder(kari.pk))}"


@pytest.fixture
def opened(client, own):
    """What a tab with the preferences would send, by what is changed on it."""

    def open_tab():
        form = page_of(client.get(own)).xpath("//main//form")[0]
        fields = form.form_values()

        def save(**changed):
            kept = {name: [v for n, v in fields if n == name] for name, _ in fields}
            return client.post(own, {**kept, **changed}, follow=True)

        return save

    return open_tab


def told(answer):
    return " ".join(page_of(answer).find(".//main").text_content().split())


def now():
    person = Subscriber.objects.get()
    return person.status, person.paused_until, [interest.slug for interest in person.interests.all()]


def test_a_pause_outlives_leaving_and_undo_and_the_page_says_so(client, opened, own, leave):
    assert "Lagret. Neste brev kommer etter" in told(opened()(paused_until=UNTIL.isoformat()))
    client.post(f"{leave}?from=page")
    answer = told(client.post(f"{leave}/undo", follow=True))
    assert "Du er på listen igjen." in answer
    assert "Du har pause. Neste brev kommer etter" in answer
    assert now() == ("active", UNTIL, ["students"])
    opened()(paused_until="")
    assert "Du har pause." not in told(client.get(own))
    assert now() == ("active", None, ["students"])


def test_undo_pause_and_undo_again_in_the_first_tab_keeps_the_pause(client, opened, leave):
    client.post(f"{leave}?from=page")
    client.post(f"{leave}/undo")
    opened()(paused_until=UNTIL.isoformat())
    assert "Du har pause." in told(client.post(f"{leave}/undo", follow=True))
    assert now() == ("active", UNTIL, ["students"])


def test_what_a_tab_did_not_change_is_left_as_another_tab_made_it(client, opened, own):
    stale = opened()
    opened()(paused_until=UNTIL.isoformat(), language="en")
    client.post(f"{own}/more/businesses")
    answer = told(stale())
    assert now() == ("active", UNTIL, ["students", "businesses"])
    assert Subscriber.objects.get().language == "en"
    assert "The next letter comes after" in answer
    stale(interests=["entrepreneurs"])
    assert now() == ("active", UNTIL, ["entrepreneurs"])


def test_pausing_in_a_tab_after_leaving_in_another_brings_nobody_back(client, opened, leave):
    tab = opened()
    client.post(f"{leave}?from=page")
    assert "Du er meldt av" in told(tab(paused_until=UNTIL.isoformat()))
    assert now()[:2] == ("unsubscribed", None)


def test_leaving_with_a_pause_and_signing_up_anew_ends_the_pause(client, opened, leave, smtp_sink):
    opened()(paused_until=UNTIL.isoformat())
    client.post(f"{leave}?from=page")
    ask_to_subscribe(Asked("kari@example.com"))
    send_owed()
    confirm = path_in(link_in(newest(smtp_sink, "kari@example.com"), "confirm"))
    assert "Du har pause" not in told(client.post(confirm))
    assert now()[:2] == ("active", None)
    assert "Du er på listen igjen." in told(client.post(f"{leave}/undo", follow=True))
    assert OwedMail.objects.filter(kind="welcome").count() == 1


def test_a_reason_given_after_coming_back_does_not_look_like_leaving_again(client, leave):
    client.post(f"{leave}?from=page")
    client.post(f"{leave}/undo")
    answer = told(client.post(f"{leave}/reason", {"reason": "too-much"}, follow=True))
    assert "Du er på listen igjen." in answer
    assert not ConsentEvent.objects.filter(kind="changed").exists()
    assert now()[0] == "active"


def test_a_pause_that_is_over_is_none_even_in_a_tab_that_still_shows_it(client, opened, own):
    Subscriber.objects.update(paused_until=timezone.localdate() - timedelta(days=1))
    assert "pause." not in told(client.get(f"{own}?done=saved"))
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    answer = opened()(paused_until=yesterday, had_pause=yesterday)
    assert "Lagret. Det gjelder fra neste brev." in told(answer)
    assert now()[1] is None


def test_undo_from_an_old_tab_after_leaving_a_second_time_counts_as_the_last_press(client, leave):
    for _ in range(2):
        client.post(f"{leave}?from=page")
        assert now()[0] == "unsubscribed"
        client.post(f"{leave}/undo")
        assert now()[0] == "active"
