"""A large campaign keeps nobody waiting: neither somebody who signs up, nor the sweep, nor another campaign. Nor does an import."""

import contextlib
import io
import time

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone

from mailer.models import Batch, Campaign, Delivery
from mailer.scheduling.tasks import run_import
from mailer.sending import batches
from mailer.sending.dispatch import queue_batches, queue_next_turn
from mailer.sending.leases import claim, next_campaign
from mailer.sending.sweep import sweep_all
from subscribers.importing import running
from subscribers.importing.options import Options
from subscribers.importing.sheets import Named
from subscribers.limits import MemoryCounters, use
from subscribers.models import Import, OwedMail
from subscribers.signup import Asked, ask_to_subscribe
from tests.promises.campaign import cut_short, launched
from tests.services import celery_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue(redis_server):
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(settings.SENDING_QUEUE, settings.IMPORTS_QUEUE, settings.CELERY_TASK_DEFAULT_QUEUE)
    yield client
    client.delete(settings.SENDING_QUEUE, settings.IMPORTS_QUEUE, settings.CELERY_TASK_DEFAULT_QUEUE)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr("mailer.sending.materialise.BATCH_SIZE", 100)


def wait_for(what, seconds):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"not within {seconds} seconds"
        time.sleep(0.1)


def is_confirmed():
    return OwedMail.objects.filter(outcome=OwedMail.Outcome.SENT).exists()


def test_a_confirmation_and_a_sweep_are_done_while_a_large_campaign_goes_out_slowly(
    small_batches, slow_relay, local_var
):
    use(MemoryCounters())
    relay, campaign = slow_relay(0.5), launched(800)
    interrupted = launched(1)
    with celery_worker(local_var.logs / "busy.log", concurrency=1, environment={"SMTP_URL": relay.url}):
        relay.wait_for(5)
        # What beat does meanwhile, again and again.
        for _ in range(5):
            sweep_all()
        cut_short(interrupted)
        current_app.send_task("mailer.sending.tasks.sweep", expires=20)
        ask_to_subscribe(Asked("kari@example.com", organisation="SVU"))
        wait_for(is_confirmed, 25)
        wait_for(lambda: not Campaign.objects.filter(status=Campaign.Status.LAUNCHING).exists(), 5)
        assert campaign.deliveries.filter(status=Delivery.Status.PENDING).count() > 400


@pytest.fixture
def imports_that_take_long(transactional_db):
    """Two imports that wait, and come no further than to their sheets until the block ends."""
    sheet = io.BytesIO(b"E-post\nreader@example.no\n")
    numbers = [
        running.begin(Named(sheet, "people.csv"), Options(), basis="They asked for the letter at the fair.").pk
        for _ in range(2)
    ]

    @contextlib.contextmanager
    def hold():
        apart = connection.copy()
        try:
            with transaction_of(apart), apart.cursor() as cursor:
                cursor.execute("LOCK TABLE subscribers_sheetpiece IN ACCESS EXCLUSIVE MODE")
                yield numbers
        finally:
            apart.close()

    return hold


@contextlib.contextmanager
def transaction_of(apart):
    apart.set_autocommit(False)
    yield
    apart.rollback()


def test_imports_under_way_leave_a_process_to_a_confirmation_and_go_one_after_the_other(
    imports_that_take_long, smtp_sink, local_var
):
    use(MemoryCounters())
    with celery_worker(local_var.logs / "importing.log", concurrency=2):
        with imports_that_take_long() as numbers:
            for number in numbers:
                run_import.delay(number)
            wait_for(lambda: Import.objects.filter(status=Import.Status.RUNNING).exists(), 10)
            ask_to_subscribe(Asked("kari@example.com", organisation="SVU"))
            wait_for(is_confirmed, 10)
            assert Import.objects.filter(pk__in=numbers, finished_at__isnull=True).count() == 2
        wait_for(lambda: not Import.objects.filter(pk__in=numbers, finished_at__isnull=True).exists(), 10)
    assert {each.status for each in Import.objects.filter(pk__in=numbers)} <= {"done", "failed"}


def test_a_turn_ends_in_the_midst_of_a_batch_that_takes_long_and_the_rest_is_put_back(smtp_sink, monkeypatch):
    monkeypatch.setattr(batches, "TURN_SECONDS", 0.5)
    monkeypatch.setattr(batches, "LAST_BATCH_SECONDS", 0.5)
    campaign = launched(60)
    for address in campaign.deliveries.values_list("address", flat=True):
        smtp_sink.dawdle(address, 0.5)
    began = time.monotonic()
    batches.take_turn()
    assert time.monotonic() - began < 4
    assert set(campaign.deliveries.values_list("status", "uncertain")) == {("sent", 0), ("pending", 0)}
    assert not campaign.batches.exclude(lease_owner="").exists()
    assert next_campaign() == campaign.pk


def test_campaigns_that_are_due_take_turns(smtp_sink):
    first, second = launched(2), launched(2)
    assert next_campaign() == first.pk
    Batch.objects.filter(campaign=first).update(given_back_at=timezone.now())
    assert next_campaign() == second.pk
    Batch.objects.filter(campaign=second).update(given_back_at=timezone.now())
    assert next_campaign() == first.pk


def test_a_campaign_that_nobody_works_on_comes_before_one_that_others_are_at(small_batches, smtp_sink):
    first, second = launched(250), launched(2)
    Batch.objects.filter(campaign=second).update(given_back_at=timezone.now())
    assert next_campaign() == first.pk
    assert claim(first.batches.order_by("number")[0].pk, owner="somebody") is not None
    assert next_campaign() == second.pk


def test_a_turn_goes_to_the_campaign_that_waits_whatever_it_was_queued_for(smtp_sink):
    first, second = launched(2), launched(2)
    Batch.objects.filter(campaign=first).update(given_back_at=timezone.now())
    batches.take_turn()
    assert set(second.deliveries.values_list("status", flat=True)) == {"sent"}
    assert set(first.deliveries.values_list("status", flat=True)) == {"pending"}


def test_sweeps_pile_up_no_turns_that_nobody_has_taken_yet(queue, small_batches):
    launched(2500)
    for _ in range(20):
        sweep_all()
    queue_batches()
    assert 16 <= queue.llen(settings.SENDING_QUEUE) < 70
    before = queue.llen(settings.SENDING_QUEUE)
    assert queue_next_turn(Batch.objects.order_by("number")[0].pk) == 0
    assert queue.llen(settings.SENDING_QUEUE) == before
