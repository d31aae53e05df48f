"""Servers restart and tasks come twice in mid-campaign: workers wait and go on (FIELD 2: celery#5935, #5306, #3270; pretix#2058)."""

import psutil
import pytest
import redis
from celery import current_app
from django.conf import settings

from tests.promises.campaign import launched, wait_until_sent
from tests.services import celery_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def under_way(redis_server, slow_relay, local_var):
    """A campaign of a hundred, some of them sent; its relay, and the workers that send the rest."""
    relay, campaign = slow_relay(0.2), launched(100)
    with celery_worker(local_var.logs / "under-way.log", environment={"SMTP_URL": relay.url}) as worker:
        relay.wait_for(15)
        yield campaign, relay, worker


def processes(worker):
    return {child.pid for child in psutil.Process(worker.pid).children(recursive=True)}


def test_postgresql_restarts_and_the_workers_wait_and_go_on(under_way, restart_postgres):
    campaign, relay, worker = under_way
    before = processes(worker)
    restart_postgres()
    wait_until_sent(campaign)
    assert relay.copies == [1] * 100
    assert set(campaign.deliveries.values_list("status", "uncertain")) == {("sent", 0)}
    assert processes(worker) == before


def test_redis_restarts_and_the_workers_go_on(under_way):
    campaign, relay, _ = under_way
    client = redis.Redis.from_url(settings.REDIS_URL)
    psutil.Process(client.info("server")["process_id"]).kill()
    relay.wait_for(60)
    wait_until_sent(campaign)
    assert relay.copies == [1] * 100


def test_a_task_delivered_again_while_its_first_copy_runs_repeats_nothing(under_way):
    campaign, relay, _ = under_way
    for _ in range(6):
        for batch in campaign.batches.all():
            current_app.send_task("mailer.sending.tasks.send_batch", args=[batch.pk])
    wait_until_sent(campaign)
    assert relay.copies == [1] * 100
    assert set(campaign.deliveries.values_list("status", "uncertain")) == {("sent", 0)}
