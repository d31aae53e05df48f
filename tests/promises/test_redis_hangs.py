"""A Redis that takes connections and answers nothing keeps no editor's pause waiting (FIELD: keila#464, #389, #373; Mailtrain#582)."""

import os
import signal
import time
from collections import Counter

import pytest
import redis
from django.conf import settings

from mailer.models import Delivery
from mailer.sending.control import pause, resume
from mailer.sending.dispatch import queue_batches
from tests.promises.campaign import launched, wait_until_sent
from tests.services import celery_worker

pytestmark = pytest.mark.django_db(transaction=True)

RECIPIENTS = 600


class HangingRedis:
    """Stops the server as a whole: the kernel still takes connections for it, and what is sent to it."""

    def __init__(self):
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            self._server = client.info("server")["process_id"]

    def hang(self):
        os.kill(self._server, signal.SIGSTOP)

    def go_on(self):
        os.kill(self._server, signal.SIGCONT)


@pytest.fixture
def hanging_redis(redis_server):
    server = HangingRedis()
    yield server
    server.go_on()


@pytest.fixture
def under_way(monkeypatch, hanging_redis, smtp_sink, local_var):
    """A campaign in several batches, which two workers send over a relay with limits: Redis is asked for each chunk of letters."""
    monkeypatch.setattr("mailer.sending.materialise.BATCH_SIZE", 100)
    campaign = launched(RECIPIENTS)
    for address in campaign.deliveries.values_list("address", flat=True):
        smtp_sink.dawdle(address, 0.05)
    environment = {"SMTP_URL": f"{smtp_sink.url}?name=limited&per_second=1000&per_hour=100000"}
    with (
        celery_worker(local_var.logs / "one.log", environment=environment),
        celery_worker(local_var.logs / "two.log", environment=environment),
    ):
        # For the second one: the first has taken what was queued at the launch.
        queue_batches(campaign.pk)
        smtp_sink.wait_for(100)
        yield campaign


@pytest.mark.parametrize("seconds", [0.1, 0.6])
def test_a_pause_holds_within_two_seconds_while_redis_hangs_and_afterwards_everybody_gets_one_letter(
    under_way, hanging_redis, smtp_sink, seconds
):
    hanging_redis.hang()
    time.sleep(seconds)
    pause(under_way.pk, by="torill")
    time.sleep(2)
    at_rest = len(smtp_sink.messages)
    time.sleep(2)
    assert len(smtp_sink.messages) == at_rest < RECIPIENTS
    assert under_way.deliveries.filter(status=Delivery.Status.SENDING).count() == 0
    hanging_redis.go_on()
    resume(under_way.pk, by="torill")
    wait_until_sent(under_way)
    got = Counter(message.recipients[0] for message in smtp_sink.messages)
    assert got == Counter(under_way.deliveries.values_list("address", flat=True))


def test_who_queues_something_waits_for_a_redis_that_hangs_no_longer_than_some_seconds(hanging_redis, smtp_sink):
    hanging_redis.hang()
    began = time.monotonic()
    campaign = launched(3)
    assert time.monotonic() - began < 15
    assert campaign.status == "sending"
    began = time.monotonic()
    assert queue_batches(campaign.pk) == 0
    assert time.monotonic() - began < 15
