from datetime import timedelta

import pytest
from django.utils import timezone

from subscribers.audiences import Audience, AudienceError
from subscribers.models import ConsentEvent, OwedMail, Subscriber
from subscribers.preferences import stay
from subscribers.still_wanted import NO_PATIENCE, Patience, ask, let_go, number_silent, number_to_ask
from tests.factories import SubscriberFactory

pytestmark = pytest.mark.django_db


LONG_AGO = timedelta(days=400)


def somebody(**known):
    """Somebody who joined long ago."""
    person = SubscriberFactory(**known)
    at = timezone.now() - LONG_AGO
    Subscriber.objects.filter(pk=person.pk).update(created_at=at, status_changed_at=at)
    return person


@pytest.fixture
def kari():
    return somebody(address="kari@example.org")


def sent(days_ago):
    """What happens when the mails go out: they were asked a little before."""
    at = timezone.now() - timedelta(days=days_ago)
    Subscriber.objects.filter(asked_at__isnull=False).update(asked_at=at - timedelta(minutes=1))
    OwedMail.objects.update(outcome="sent", finished_at=at, created_at=at, due_at=None)


def test_each_recipient_is_asked_once(kari):
    somebody(status="unsubscribed")
    assert number_to_ask(Audience()) == 1
    assert (ask(Audience(), by="torill"), ask(Audience(), by="torill")) == (1, 0)
    owed = OwedMail.objects.get()
    assert (owed.kind, owed.subscriber, owed.address, owed.outcome) == ("still-wanted", kari, kari.address, "")
    logged = ConsentEvent.objects.get()
    assert (logged.kind, logged.detail, logged.by) == ("reminded", {"question": "still-wanted"}, "torill")


def test_who_does_not_answer_is_let_go_and_who_does_stays(kari):
    ola = somebody()
    ask(Audience())
    sent(31)
    stay(kari.pk, source="page")
    assert number_silent(30) == 1
    assert (let_go(30, by="torill"), let_go(30)) == (1, 0)
    ola.refresh_from_db()
    kari.refresh_from_db()
    assert (ola.status, kari.status) == ("unsubscribed", "active")
    assert list(ola.consent_events.values_list("kind", flat=True)) == ["reminded", "lapsed"]


def test_nobody_is_let_go_whose_mail_never_went_out_or_went_out_lately(kari):
    ask(Audience())
    sent(10)
    assert let_go(30) == 0
    sent(31)
    OwedMail.objects.update(outcome="given-up")
    assert let_go(30) == 0


def test_who_answered_is_asked_again_only_after_a_year(kari):
    ask(Audience())
    sent(200)
    stay(kari.pk, source="page")
    assert number_to_ask(Audience()) == 0
    sent(400)
    assert number_to_ask(Audience()) == 1


@pytest.mark.parametrize("came", ["created_at", "confirmed_at", "status_changed_at"])
def test_who_joined_or_came_back_lately_has_just_said_that_they_want_it(kari, came):
    for days, asked in ((5 * 30, 0), (7 * 31, 1)):
        Subscriber.objects.update(**{came: timezone.now() - timedelta(days=days)})
        assert number_to_ask(Audience(never_heard=True)) == asked
    Subscriber.objects.update(**{came: timezone.now() - timedelta(days=7)})
    assert ask(Audience()) == 0
    assert number_to_ask(Audience(), NO_PATIENCE) == number_to_ask(Audience(), Patience(months=0)) == 1


def test_only_those_among_some_are_asked(kari):
    somebody()
    assert number_to_ask(Audience(), Patience(among=f"SELECT {kari.pk}")) == 1


@pytest.mark.parametrize("days", [0, 6, 301])
def test_a_time_to_answer_that_is_no_time_or_too_long_is_refused(days):
    with pytest.raises(AudienceError, match="days to answer"):
        let_go(days)
