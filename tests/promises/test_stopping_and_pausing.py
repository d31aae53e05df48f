"""A worker that is told to stop loses nothing, and a pause is a pause (FIELD: keila#464, #389, #373; Mailtrain#582; postal#2222)."""

import signal
import time

import pytest

from mailer.models import Delivery
from mailer.sending.connection_slots import configured_slots
from mailer.sending.control import pause, resume
from mailer.sending.leases import next_due
from mailer.sending.relays import relays_from_text
from tests.promises.campaign import launched, wait_until_sent
from tests.services import celery_worker

pytestmark = pytest.mark.django_db(transaction=True)


def seconds_to_stop(worker):
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=30)
    return time.monotonic() - began


def connections_that_count(relay):
    return configured_slots().open_connections(relays_from_text(relay.url)[0])


def test_sigterm_ends_a_worker_within_ten_seconds_with_its_leases_given_back_and_nothing_lost(
    redis_server, slow_relay, local_var
):
    relay, campaign = slow_relay(0.3), launched(60)
    with celery_worker(local_var.logs / "stopped.log", environment={"SMTP_URL": relay.url}) as worker:
        relay.wait_for(12)
        assert seconds_to_stop(worker) < 10
    assert set(campaign.batches.values_list("lease_owner", flat=True)) == {""}
    assert set(campaign.deliveries.values_list("status", "uncertain")) == {("sent", 0), ("pending", 0)}
    assert connections_that_count(relay) == 0
    with celery_worker(local_var.logs / "next.log", environment={"SMTP_URL": relay.url}):
        wait_until_sent(campaign)
    assert relay.copies == [1] * 60


def test_sigterm_waits_no_longer_for_a_relay_that_does_not_answer_and_says_whose_letter_is_uncertain(
    redis_server, slow_relay, smtp_sink, local_var
):
    relay, campaign = slow_relay(300.0), launched(30)
    with celery_worker(local_var.logs / "stopped.log", environment={"SMTP_URL": relay.url}) as worker:
        relay.wait_for(4)
        assert seconds_to_stop(worker) < 10
    on_the_wire = campaign.deliveries.filter(uncertain=1)
    assert set(on_the_wire.values_list("address", flat=True)) == set(relay.received.message_ids)
    assert "stopped before the relay had answered" in on_the_wire[0].reply_text
    assert connections_that_count(relay) == 0
    assert set(campaign.batches.values_list("lease_owner", flat=True)) == {""}
    with celery_worker(local_var.logs / "next.log"):
        wait_until_sent(campaign)
    assert len(smtp_sink.messages) == 30


def test_a_pause_stops_new_messages_within_two_seconds_on_every_worker_and_resume_goes_on(
    redis_server, slow_relay, local_var
):
    relay, campaign = slow_relay(0.2), launched(200)
    settings = {"SMTP_URL": relay.url}
    with (
        celery_worker(local_var.logs / "one.log", environment=settings),
        celery_worker(local_var.logs / "two.log", environment=settings),
    ):
        campaign.batches.update(due_at=campaign.launched_at)
        relay.wait_for(20)
        pause(campaign.pk, by="torill")
        time.sleep(2)
        at_rest = relay.received.read()
        time.sleep(2)
        assert relay.received.read() == at_rest < 200
        assert campaign.deliveries.filter(status=Delivery.Status.SENDING).count() == 0
        # A worker that asked again and again whether there is something to do would ask for as long as the pause is.
        assert next_due(campaign.pk) is None
        resume(campaign.pk, by="torill")
        wait_until_sent(campaign)
    assert relay.copies == [1] * 200
