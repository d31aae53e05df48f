"""A relay's fault is never a reader's (FIELD 1: Mailtrain#586, Keila's 4xx, langx#1348, mautic#7226; RFC 5321, 4.2.1 and 4.5.3.1.10)."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.sending import batches, lanes
from mailer.sending.canary import watch_canaries
from mailer.sending.connection_slots import configured_slots
from mailer.sending.health import Down
from mailer.sending.pace import configured_pace
from mailer.sending.planning import Canary
from mailer.sending.relays import configured_relay
from mailer.sending.shared import SharedTable, configured_shared
from mailer.sending.tallies import sent_today
from subscribers.models import Subscriber
from tests.promises.campaign import end_leases, launched
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db(transaction=True)


def work(campaign):
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    campaign.refresh_from_db()


def an_hour_passes(campaign):
    """For all that waits: deferred deliveries, held batches, relays that are left alone."""
    later = timezone.now() - timedelta(hours=1)
    campaign.deliveries.filter(next_attempt_at__isnull=False).update(next_attempt_at=later)
    end_leases()
    table = SharedTable(configured_shared(), "relays-down", max_age=0)
    for name, text in table.read().items():
        down = Down.read(text)
        assert down is not None
        table.change(name, lambda _, down=down: Down(down.why, down.since, down.failures, 0).text())


def nobody_is_blamed(campaign):
    assert set(campaign.deliveries.values_list("status", "attempts")) == {("pending", 0)}
    assert set(Subscriber.objects.values_list("status", flat=True)) == {"active"}
    return True


def test_a_relay_that_is_down_for_hours_marks_nobody_as_bounced(settings, smtp_sink, impatient, closed_port):
    campaign, well = launched(5), settings.SMTP_URL
    settings.SMTP_URL = f"smtp://127.0.0.1:{closed_port}?name=down"
    for _ in range(5):
        work(campaign)
        assert nobody_is_blamed(campaign)
        assert "can't be used: Connection refused" in campaign.held_because
        an_hour_passes(campaign)
    settings.SMTP_URL = well
    work(campaign)
    assert (campaign.status, campaign.held_because) == ("sent", "")
    assert len(smtp_sink.messages) == 5


def test_why_it_was_held_is_gone_once_the_relay_is_back_in_a_campaign_that_had_a_canary(
    settings, smtp_sink, impatient, closed_port
):
    campaign, well = launched(20, Canary(percent=10, minutes=0)), settings.SMTP_URL
    work(campaign)
    watch_canaries()
    watch_canaries()
    later = campaign.deliveries.filter(status="pending").order_by("pk")[0]
    smtp_sink.refuse(later.address, "451 4.2.1 busy")
    settings.SMTP_URL = f"smtp://127.0.0.1:{closed_port}?name=down"
    work(campaign)
    assert "can't be used: Connection refused" in campaign.held_because
    an_hour_passes(campaign)
    settings.SMTP_URL = well
    work(campaign)
    assert (campaign.status, campaign.held_because) == ("sending", "")
    assert campaign.deliveries.filter(status="sent").count() == 19


@pytest.mark.parametrize(
    "fault",
    [
        "an expired certificate",
        "a wrong password",
        "no STARTTLS",
        "a name that does not resolve",
        "an answer without an end",
    ],
)
def test_a_relay_that_can_not_be_used_or_trusted_holds_the_campaign_with_a_sentence(
    settings, smtp_sink, impatient, faulty_relay, fault
):
    campaign = launched(3)
    settings.SMTP_URL, sentence = faulty_relay(fault)
    work(campaign)
    assert campaign.status == "sending"
    assert sentence in campaign.held_because
    assert nobody_is_blamed(campaign)
    assert smtp_sink.messages == []


def test_a_token_that_has_run_out_holds_the_campaign_until_somebody_writes_a_new_one(
    settings, smtp_sink, impatient, token_relay, tmp_path
):
    campaign, file = launched(3), tmp_path / "token"
    settings.SMTP_URL = f"smtp://me@127.0.0.1:{token_relay}?name=oauth&auth=xoauth2&token_file={file}"
    file.write_text("stale")
    work(campaign)
    assert "does not let me in: 5.7.8 Authentication credentials invalid. " in campaign.held_because
    assert f"Does whatever writes new tokens into {file} still do so?" in campaign.held_because
    assert nobody_is_blamed(campaign)
    file.write_text("fresh")
    an_hour_passes(campaign)
    # How a relay is doing is asked for once a second.
    time.sleep(1.1)
    work(campaign)
    assert (campaign.status, campaign.held_because) == ("sent", "")


def test_the_first_of_a_campaign_wait_for_a_relay_that_can_not_be_used_and_so_does_the_rest(
    settings, smtp_sink, impatient, closed_port
):
    campaign, well = launched(20, Canary(percent=10, minutes=0)), settings.SMTP_URL
    settings.SMTP_URL = f"smtp://127.0.0.1:{closed_port}?name=down"
    work(campaign)
    watch_canaries()
    assert nobody_is_blamed(campaign)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.canary_ends_at) == ("sending", None)
    assert "can't be used: Connection refused" in campaign.held_because
    settings.SMTP_URL = well
    an_hour_passes(campaign)
    work(campaign)
    assert len(smtp_sink.messages) == 2
    for _ in range(2):
        watch_canaries()
    work(campaign)
    assert (campaign.status, campaign.held_because, len(smtp_sink.messages)) == ("sent", "", 20)


@pytest.mark.parametrize(
    "reply",
    ["421 4.3.2 shutting down", "450 4.2.1 busy", "451 4.7.1 greylisted", "452 4.2.2 full", "552 5.5.3 too many"],
)
def test_what_is_refused_for_now_goes_later(redis_server, smtp_sink, reply):
    campaign = launched(3)
    refused = campaign.deliveries.order_by("pk")[1]
    smtp_sink.refuse(refused.address, reply, times=3 if reply.startswith("421") else 1)
    work(campaign)
    refused.refresh_from_db()
    assert (refused.status, str(refused.reply_code)) == ("deferred", reply[:3])
    assert len(smtp_sink.messages) == 2
    an_hour_passes(campaign)
    work(campaign)
    assert campaign.status == "sent"
    assert sorted(message.recipients[0] for message in smtp_sink.messages) == sorted(
        campaign.deliveries.values_list("address", flat=True)
    )


@pytest.mark.parametrize("reply", ["550 5.1.1 no such user", "554 5.7.1 not wanted"])
@pytest.mark.parametrize("moment", ["recipient", "end"])
def test_what_is_refused_for_good_is_not_tried_again_and_keeps_nobody_else(redis_server, smtp_sink, reply, moment):
    campaign = launched(3)
    refused = campaign.deliveries.order_by("pk")[1]
    smtp_sink.refuse(refused.address, reply, at=moment, times=1)
    work(campaign)
    an_hour_passes(campaign)
    work(campaign)
    refused.refresh_from_db()
    assert (refused.status, refused.attempts, f"{refused.reply_code} {refused.reply_text}") == ("failed", 1, reply)
    assert smtp_sink.messages_to(refused.address) == []
    assert (campaign.status, len(smtp_sink.messages)) == ("sent", 2)


def to_readers_in_several_places(recipients):
    campaign = launched(recipients)
    for number, delivery in enumerate(campaign.deliveries.order_by("pk")):
        delivery.address = delivery.address_key = (
            f"reader{number}@{('example.org', 'example.com', 'example.net')[number % 3]}"
        )
        delivery.save()
    return campaign


@pytest.mark.parametrize(
    ("reply", "recipients", "sentence"),
    [
        ("530 5.7.0 Authentication required", 3, "refuses us: it says 530 5.7.0 Authentication required"),
        ("554 5.7.1 Relay access denied", 30, "refused 20 readers in a row, all in the same words: it says 554 5.7.1"),
        ("550 5.7.1 Relaying denied", 6, "refused 6 readers in a row, all in the same words: it says 550 5.7.1"),
    ],
)
def test_a_relay_that_refuses_everybody_holds_the_campaign_and_burns_nobody(
    redis_server, smtp_sink, reply, recipients, sentence
):
    campaign = to_readers_in_several_places(recipients)
    addresses = list(campaign.deliveries.values_list("address", flat=True))
    for address in addresses:
        smtp_sink.refuse(address, reply)
    work(campaign)
    assert campaign.status == "sending"
    assert sentence in campaign.held_because
    assert set(campaign.deliveries.values_list("status", flat=True)) == {"pending"}
    smtp_sink.reset()
    an_hour_passes(campaign)
    work(campaign)
    assert (campaign.status, campaign.held_because) == ("sent", "")
    assert sorted(message.recipients[0] for message in smtp_sink.messages) == sorted(addresses)


def test_another_relay_does_the_work_of_one_that_refuses_us(settings, redis_server, smtp_sink):
    campaign = launched(4)
    with SmtpSink().running() as refusing:
        for address in campaign.deliveries.values_list("address", flat=True):
            refusing.refuse(address, "530 5.7.0 Authentication required")
        settings.SMTP_URL = f"{refusing.url}?name=refusing {smtp_sink.url}?name=well"
        work(campaign)
    assert campaign.status == "sent"
    assert len(smtp_sink.messages) == 4


def test_a_process_without_any_connection_leaves_its_letters_to_others(settings, smtp_sink, monkeypatch):
    campaign = launched(3)
    monkeypatch.setattr(lanes, "_SLOT_PATIENCE_SECONDS", 0.3)
    settings.SMTP_URL = f"{settings.SMTP_URL}?name=crowded&connections=1"
    theirs = configured_slots().take(configured_relay(), "another")
    assert theirs is not None
    work(campaign)
    assert smtp_sink.messages == []
    assert nobody_is_blamed(campaign)
    assert campaign.batches.get().lease_owner == ""
    configured_slots().give_back(theirs)
    an_hour_passes(campaign)
    work(campaign)
    assert len(smtp_sink.messages) == 3


def test_a_domain_for_whose_reader_the_relay_hangs_up_with_421_is_sent_to_more_slowly(redis_server, smtp_sink):
    campaign = launched(2)
    asked = campaign.deliveries.order_by("pk")[0]
    # In a place of its own: other tests are not to wait for it.
    asked.address = asked.address_key = "asked@slow.example"
    asked.save()
    smtp_sink.refuse(asked.address, "421 4.7.0 Try again later, too many messages", times=1)
    work(campaign)
    rates = {rate.domain: rate.slowed_to for rate in configured_pace(sent_today).domain_rates()}
    assert rates[asked.address.rpartition("@")[2]] is not None
