"""A worker dies on one of two machines: the journal there has the first word, whoever else is waiting (FIELD: celery#5935; postal#2222)."""

import time
from datetime import timedelta

import psutil
import pytest
from django.conf import settings
from django.utils import timezone

from mailer.local.paths import Var
from mailer.models import Delivery
from mailer.sending.connection_slots import configured_slots
from mailer.sending.relays import configured_relays
from mailer.sending.sweep import sweep_all
from tests.promises.campaign import copies, end_leases, launched, wait_until_sent
from tests.services import celery_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def machine(tmp_path):
    """Start a worker on a machine of this name: it shares the servers with the others, and keeps its journals for itself."""

    def start(name):
        place = Var(tmp_path / name)
        place.make()
        return celery_worker(tmp_path / f"{name}.log", concurrency=1, environment={"UKEBREV_VAR": str(place.root)})

    yield start
    # The connections of a machine that is lost count for half a minute more: the next test is not to wait for them.
    configured_slots().end("", configured_relays())


def kill_9(*processes):
    for process in processes:
        process.kill()
    psutil.wait_procs(processes)


def wait_until_some_are_sent_and_not_recorded(campaign, sink):
    end = time.monotonic() + 20
    sent = campaign.deliveries.filter(status=Delivery.Status.SENT)
    while len(sink.messages) - sent.count() < 10:
        assert time.monotonic() < end
        time.sleep(0.01)


def take_their_time(campaign, sink):
    """Let a second of sending be some dozens of messages."""
    for address in campaign.deliveries.values_list("address", flat=True):
        sink.dawdle(address, 0.04)


def lease_ran_out_just_now(campaign):
    campaign.batches.filter(leased_until__isnull=False).update(leased_until=timezone.now() - timedelta(seconds=1))


def assert_only_what_was_on_the_wire_is_repeated(campaign, sink):
    got = copies(sink)
    assert len(got) == campaign.recipients
    assert sum(got.values()) - campaign.recipients <= settings.CONNECTIONS_PER_WORKER
    assert campaign.deliveries.filter(uncertain__gt=0).count() <= settings.CONNECTIONS_PER_WORKER


def test_what_a_worker_that_was_killed_had_sent_goes_out_from_no_other_machine(redis_server, smtp_sink, machine):
    campaign = launched(200)
    take_their_time(campaign, smtp_sink)
    with machine("first") as worker:
        wait_until_some_are_sent_and_not_recorded(campaign, smtp_sink)
        main = psutil.Process(worker.pid)
        kill_9(main, *main.children(recursive=True))
    with machine("second"):
        lease_ran_out_just_now(campaign)
        # As beat does, whose task may come to any machine.
        sweep_all()
        time.sleep(1)
        with machine("first"):
            wait_until_sent(campaign)
    assert_only_what_was_on_the_wire_is_repeated(campaign, smtp_sink)


def test_a_process_that_dies_alone_is_settled_by_its_fellows_long_before_its_lease_runs_out(
    redis_server, smtp_sink, machine
):
    campaign = launched(200)
    take_their_time(campaign, smtp_sink)
    with machine("first") as worker:
        wait_until_some_are_sent_and_not_recorded(campaign, smtp_sink)
        with machine("second"):
            kill_9(*psutil.Process(worker.pid).children(recursive=True))
            # The lease is one of a minute.
            wait_until_sent(campaign, seconds=20)
    assert_only_what_was_on_the_wire_is_repeated(campaign, smtp_sink)


def test_a_machine_that_is_lost_with_its_journal_holds_nobody_up_for_long(redis_server, smtp_sink, machine):
    campaign = launched(60)
    take_their_time(campaign, smtp_sink)
    with machine("first") as worker:
        wait_until_some_are_sent_and_not_recorded(campaign, smtp_sink)
        main = psutil.Process(worker.pid)
        kill_9(main, *main.children(recursive=True))
    end_leases()
    with machine("second"):
        wait_until_sent(campaign)
    assert len(copies(smtp_sink)) == 60
