"""Mails that a restored database, or a machine that was off, still owes: those that come too late do not go (FIELD: listmonk#1801)."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from mailer.transactional.delivery import deliver, is_late
from mailer.transactional.queueing import queue_due
from subscribers.models import ConsentEvent, OwedMail, Subscriber
from subscribers.moving import ask_for_link
from subscribers.signals import owe
from subscribers.signup import Asked, ask_to_subscribe
from tests.factories import SubscriberFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "sign_up_is_open")]

KARI = "kari@example.com"


def days_pass(days):
    """As if all mails had been asked for so much earlier, and nobody had looked at them since."""
    past = timedelta(days=days)
    OwedMail.objects.update(created_at=F("created_at") - past, due_at=F("due_at") - past)


def delivered():
    owed = OwedMail.objects.get()
    deliver(owed.pk)
    owed.refresh_from_db()
    return owed


def test_a_confirmation_of_last_week_is_not_sent_and_makes_nobody_pending(smtp_sink):
    ask_to_subscribe(Asked(KARI, organisation="SVU"))
    days_pass(7)
    owed = delivered()
    week_ago = timezone.localtime() - timedelta(days=7)
    assert (owed.outcome, owed.address, owed.due_at, smtp_sink.messages) == ("given-up", "", None, [])
    assert owed.problem.startswith(f"It was to go on {week_ago:%Y-%m-%d}, and nobody sent it then.")
    assert not Subscriber.objects.exists()
    assert queue_due() == 0
    assert not is_late()


def test_a_link_that_was_asked_for_last_week_is_not_sent(smtp_sink):
    SubscriberFactory(address=KARI)
    ask_for_link(KARI)
    days_pass(7)
    assert (delivered().outcome, smtp_sink.messages) == ("given-up", [])


def test_a_mail_of_the_day_before_yesterday_goes(smtp_sink):
    ask_to_subscribe(Asked(KARI, organisation="SVU"))
    days_pass(2)
    assert (delivered().outcome, len(smtp_sink.messages)) == ("sent", 1)


def test_a_mail_that_was_tried_lately_is_not_late_however_few_days_are_allowed(smtp_sink, settings):
    settings.RESUME_WITHIN_DAYS = 1
    ask_to_subscribe(Asked(KARI, organisation="SVU"))
    days_pass(2)
    OwedMail.objects.update(due_at=timezone.now())
    assert (delivered().outcome, len(smtp_sink.messages)) == ("sent", 1)


def test_a_confirmation_that_has_expired_is_not_sent_however_many_days_are_allowed(smtp_sink, settings):
    settings.RESUME_WITHIN_DAYS = 365
    ask_to_subscribe(Asked(KARI, organisation="SVU"))
    days_pass(14)
    owed = delivered()
    assert (owed.outcome, smtp_sink.messages) == ("given-up", [])
    assert "could be answered for 14 days" in owed.problem


def test_nobody_is_reminded_of_what_can_not_be_confirmed_any_more(smtp_sink, monkeypatch):
    person = SubscriberFactory(address=KARI, status="pending")
    detail = {"interests": [], "language": "nb"}
    two_weeks_ago = timezone.now() - timedelta(days=14)
    with monkeypatch.context() as then:
        then.setattr("django.utils.timezone.now", lambda: two_weeks_ago)
        ConsentEvent.objects.create(subscriber=person, kind="asked", source="page", detail=detail)
    owe(OwedMail.Kind.REMINDER, KARI, subscriber=Subscriber.objects.get())
    assert (delivered().outcome, smtp_sink.messages) == ("given-up", [])
