"""The mails to one person, written and sent to a real mail server, and what becomes of them when it misbehaves."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.transactional import tasks
from mailer.transactional.delivery import deliver, is_late
from mailer.transactional.mails import WRITERS
from mailer.transactional.moving import agree, ask_to_move
from mailer.transactional.queueing import queue_due
from subscribers.models import AddressChange, ConsentEvent, OwedMail, Subscriber
from subscribers.moving import ask_for_link
from subscribers.signals import owe
from subscribers.signup import Asked, ask_to_subscribe
from tests.factories import SubscriberFactory
from tests.public.owed import body_of, link_in, newest, send_owed
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server", "sign_up_is_open")]

KARI = "kari@example.com"


@pytest.fixture
def kari():
    return SubscriberFactory(address=KARI, name="Kari Nordmann", follows=("students",))


def asked(**more):
    ask_to_subscribe(Asked(KARI, organisation="SVU", **more))
    return OwedMail.objects.get()


def owed_to(kari, kind):
    """One owed mail of a kind, as it comes about."""
    pending = SubscriberFactory(address="ola@example.com", status="pending")
    detail = {"interests": ["students"], "language": "nb"}
    ConsentEvent.objects.create(subscriber=pending, kind="asked", source="page", detail=detail)
    if kind == OwedMail.Kind.SIGNUP:
        ask_to_subscribe(Asked("new@example.com", organisation="SVU"))
        return OwedMail.objects.latest("pk")
    if kind == OwedMail.Kind.LINK:
        ask_for_link(KARI)
        return OwedMail.objects.latest("pk")
    if kind == OwedMail.Kind.NEW_ADDRESS:
        ask_to_move(kari, "new@example.com")
        return OwedMail.objects.latest("pk")
    person = Subscriber.objects.get(pk=pending.pk if kind == OwedMail.Kind.REMINDER else kari.pk)
    return owe(kind, person.address, subscriber=person)


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("kind", OwedMail.Kind.values)
def test_every_mail_has_text_html_and_headers_that_say_what_it_is(kari, smtp_sink: SmtpSink, settings, kind, language):
    Subscriber.objects.update(language=language)
    owed = owed_to(kari, kind)
    deliver(owed.pk)
    (message,) = smtp_sink.messages
    parsed = message.parsed()
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["Message-ID"].startswith(f"<owed.{owed.pk}.")
    assert parsed.get_content_type() == "multipart/alternative"
    plain, html = (body_of(message, part) for part in ("plain", "html"))
    assert "$" not in plain + parsed["Subject"]
    assert "@@" not in plain + html
    assert max(map(len, plain.splitlines())) <= 100
    assert "prefers-color-scheme:dark" in html
    assert "Sør-Varanger Utvikling" in plain
    is_list_mail = kind in {OwedMail.Kind.WELCOME, OwedMail.Kind.STILL_WANTED}
    assert (parsed["List-Unsubscribe"] is not None) == is_list_mail
    owed.refresh_from_db()
    assert (owed.outcome, owed.address, owed.detail, owed.due_at) == ("sent", "", {}, None)


def test_every_kind_of_mail_can_be_written():
    assert set(WRITERS) == set(OwedMail.Kind.values)


def test_a_name_that_a_stranger_typed_gets_into_no_mail_to_somebody_who_has_not_said_yes(smtp_sink: SmtpSink):
    deliver(asked(name="Buy pills at http://spam.example").pk)
    assert b"spam" not in smtp_sink.messages[0].content


def test_a_name_is_never_code(kari, smtp_sink: SmtpSink):
    Subscriber.objects.update(name="<img/src=x>$organisation{{7*7}}@@WEB_URL@@")
    owe(OwedMail.Kind.WELCOME, KARI, subscriber=kari)
    send_owed()
    html = body_of(newest(smtp_sink, KARI), "html")
    assert "<img/src=x" not in html
    assert "49" not in html.partition("Velkommen")[2].partition("</p>")[0]


def test_a_relay_that_is_away_is_waited_for_and_then_it_goes_once(smtp_sink: SmtpSink, settings):
    owed, url = asked(), settings.SMTP_URL
    settings.SMTP_URL = "smtp://127.0.0.1:1"
    assert deliver(owed.pk) == timedelta(minutes=1)
    assert is_late()
    assert deliver(owed.pk) is None, "not before its time"
    settings.SMTP_URL = url
    OwedMail.objects.update(due_at=timezone.now())
    deliver(owed.pk)
    deliver(owed.pk)
    assert len(smtp_sink.messages) == 1
    assert not is_late()
    assert Subscriber.objects.get().status == "pending"


def test_a_message_that_may_have_arrived_is_repeated_with_the_same_message_id(smtp_sink: SmtpSink):
    smtp_sink.hang_up(KARI, at="end")
    owed = asked()
    deliver(owed.pk)
    OwedMail.objects.update(due_at=timezone.now())
    deliver(owed.pk)
    assert len({message.parsed()["Message-ID"] for message in smtp_sink.messages}) == 1
    assert len({message.parsed()["Date"] for message in smtp_sink.messages}) == 1


def test_a_temporary_refusal_is_tried_later_and_a_final_one_is_not(smtp_sink: SmtpSink):
    smtp_sink.refuse(KARI, "450 4.2.0 later", times=1)
    owed = asked()
    assert (deliver(owed.pk) or timedelta()) > timedelta(minutes=10)
    assert not is_late(), "one mailbox that is full makes no mail late for anybody else"
    smtp_sink.refuse(KARI, "550 5.1.1 no such user")
    OwedMail.objects.update(due_at=timezone.now())
    assert deliver(owed.pk) is None
    owed.refresh_from_db()
    assert (owed.outcome, owed.problem) == ("refused", "550 5.1.1 no such user")


def test_of_two_workers_one_sends(smtp_sink: SmtpSink):
    owed = asked()
    OwedMail.objects.update(leased_until=timezone.now() + timedelta(minutes=5))
    assert deliver(owed.pk) is None
    assert smtp_sink.messages == []


def test_who_left_before_the_worker_came_gets_no_welcome(kari, smtp_sink: SmtpSink):
    owed = owe(OwedMail.Kind.WELCOME, KARI, subscriber=kari)
    Subscriber.objects.update(status="unsubscribed")
    deliver(owed.pk)
    owed.refresh_from_db()
    assert (owed.outcome, smtp_sink.messages) == ("not-needed", [])


def test_a_link_is_sent_to_nobody_who_does_not_get_the_letter(smtp_sink: SmtpSink):
    SubscriberFactory(address=KARI, status="unsubscribed")
    ask_for_link(KARI)
    ask_for_link("stranger@example.com")
    send_owed()
    assert smtp_sink.messages == []


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_mail_to_a_new_address_is_whole_too_and_names_nobody(kari, smtp_sink: SmtpSink, language):
    Subscriber.objects.update(language=language)
    ask_to_move(kari, "new@example.com")
    agree(kari.pk, AddressChange.objects.get().pk)
    send_owed()
    message = newest(smtp_sink, "new@example.com")
    plain = body_of(message, "plain")
    assert "/address/" in link_in(message, "address")
    assert "$" not in plain
    assert not re.search("kari|ola|nordmann", plain, re.IGNORECASE)


def test_who_left_before_the_worker_came_is_not_asked_about_another_address(kari, smtp_sink: SmtpSink):
    ask_to_move(kari, "new@example.com")
    Subscriber.objects.update(status="unsubscribed")
    send_owed()
    assert (OwedMail.objects.get().outcome, smtp_sink.messages) == ("not-needed", [])


def test_a_new_address_that_gets_the_letter_already_is_sent_its_own_link(kari, smtp_sink: SmtpSink):
    SubscriberFactory(address="ola@example.com")
    ask_to_move(kari, "ola@example.com")
    agree(kari.pk, AddressChange.objects.get().pk)
    send_owed()
    assert "/p/" in link_in(newest(smtp_sink, "ola@example.com"), "p")
    assert AddressChange.objects.get().confirmed_at is None


def test_the_sweep_takes_up_what_was_left_while_the_queue_was_away(smtp_sink: SmtpSink):
    owed = asked()
    assert queue_due() == 1
    tasks.deliver_mail(owed.pk)
    assert len(smtp_sink.messages) == 1
    assert queue_due() == 0
