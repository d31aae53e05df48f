"""A subscriber in an audience gets the issue once (FIELD: listmonk#3022, #2313, #2070; Ghost#12259; postal#2222; celery#5935)."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta

import psutil
import pytest
import redis
from django.conf import settings
from django.db import IntegrityError, connections
from django.utils import timezone

from mailer.models import Delivery
from mailer.results.totals import progress
from mailer.sending import batches
from mailer.sending.journal import journal_folder
from mailer.sending.launch import launch
from mailer.sending.materialise import make_all_rows
from mailer.sending.states import StateError
from mailer.sending.sweep import sweep_all
from tests.factories import SubscriberFactory
from tests.promises.campaign import copies, cut_short, end_leases, launched, wait_until_sent
from tests.services import celery_worker, worker_environment

pytestmark = pytest.mark.django_db(transaction=True)


def kill_9(worker):
    children = psutil.Process(worker.pid).children(recursive=True)
    worker.send_signal(signal.SIGKILL)
    for child in children:
        child.send_signal(signal.SIGKILL)
    worker.wait()


def test_across_a_kill_9_of_the_worker_only_what_was_on_the_wire_may_repeat(redis_server, smtp_sink, local_var):
    campaign = launched(60)
    for address in campaign.deliveries.values_list("address", flat=True):
        # Or all would be through before the second kill, which is to hit other letters than the first: what nobody can
        # tell about for a second time waits for a minute.
        smtp_sink.dawdle(address, 0.05)
    kills = 0
    for sent_before_the_kill in (10, 30):
        with celery_worker(local_var.logs / "killed.log", concurrency=1) as worker:
            end_leases()
            batches_queued = threading.Thread(target=wait_for_sink, args=(smtp_sink, sent_before_the_kill))
            sweep_all()
            batches_queued.start()
            batches_queued.join()
            kill_9(worker)
            kills += 1
    # The dead hold neither batches nor connections to the relay any longer.
    sweep_all()
    with celery_worker(local_var.logs / "survivor.log", concurrency=1):
        wait_until_sent(campaign)
    got = copies(smtp_sink)
    assert len(got) == 60
    assert sum(got.values()) - 60 <= kills * settings.CONNECTIONS_PER_WORKER
    assert campaign.deliveries.filter(status=Delivery.Status.SENT).count() == 60


def wait_for_sink(sink, count):
    sink.wait_for(count, seconds=20)


def test_across_an_emptied_redis_nothing_is_lost(redis_server, smtp_sink, celery_worker_process):
    campaign = launched(5)
    redis.Redis.from_url(settings.REDIS_URL).flushall()
    wait_until_sent(campaign)
    assert sorted(copies(smtp_sink).values()) == [1] * 5


def test_a_task_delivered_twice_while_its_first_copy_still_runs_sends_nothing_twice(redis_server, smtp_sink):
    campaign = launched(30)
    (batch,) = campaign.batches.all()
    for address in campaign.deliveries.values_list("address", flat=True):
        # Or the first copy might be through before the second has begun.
        smtp_sink.dawdle(address, 0.2)
    all_at_once(f"from mailer.sending.batches import work_batch; work_batch({batch.pk})")
    assert sorted(copies(smtp_sink).values()) == [1] * 30


def test_two_sweeps_at_the_same_time_do_no_harm(redis_server, smtp_sink, local_var):
    interrupted, left, over = launched(20), launched(30), launched(5)
    cut_short(interrupted)
    # A worker of this machine died after it had taken some, and one campaign was through when its last worker went.
    over.deliveries.update(status=Delivery.Status.SENT)
    over.batches.update(due_at=None, given_back_at=timezone.now(), tally=None)
    left.batches.update(lease_owner="dead.journal", leased_until=timezone.now() + timedelta(minutes=1))
    left.deliveries.update(status=Delivery.Status.SENDING, attempts=1, first_attempt_at=timezone.now())
    (journal_folder() / "dead.journal").touch()
    all_at_once("from mailer.sending.sweep import sweep_all; sweep_all(); sweep_all()")
    with celery_worker(local_var.logs / "after.log"):
        for campaign in (interrupted, left, over):
            wait_until_sent(campaign)
            changes = list(campaign.transitions.values_list("to_status", flat=True))
            assert changes == ["launching", "sending", "sent"]
    assert sorted(copies(smtp_sink).values()) == [1] * (interrupted.recipients + left.recipients)
    assert interrupted.variants.count() == 1
    assert Delivery.objects.filter(uncertain__gt=0).count() == 0


def all_at_once(work, times=3):
    """Do the same in several processes that have nothing in common but the servers, and begin when all are ready."""
    code = (
        f"import django; django.setup(); from mailer.sending import sweep; print('ready', flush=True); input(); {work}"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env=worker_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(times)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0


def test_send_pressed_on_two_machines_at_once_launches_once(redis_server):
    from mailer.sending.headers import Mailbox
    from mailer.sending.launch import create_campaign
    from mailer.sending.planning import Order
    from subscribers.audiences import Audience
    from tests.factories import make_issue

    issue = make_issue()
    SubscriberFactory.create_batch(20)
    campaign = create_campaign(Order(issue, Audience(), Mailbox("SVU", "brev@example.org"), by="torill", again=True))
    launched_by = []

    def press(name):
        try:
            if launch(campaign.pk, by=name):
                launched_by.append(name)
        except StateError:
            pass
        finally:
            connections.close_all()

    presses = [threading.Thread(target=press, args=(name,)) for name in ("torill", "marit", "jonas")]
    for press_of in presses:
        press_of.start()
    for press_of in presses:
        press_of.join()
    assert len(launched_by) == 1
    make_all_rows(campaign.pk)
    assert Delivery.objects.filter(campaign=campaign).count() == 20


def test_a_relay_that_hangs_up_in_mid_message_repeats_with_the_same_message_id(redis_server, smtp_sink):
    campaign = launched(3)
    unlucky = campaign.deliveries.order_by("pk")[0]
    smtp_sink.hang_up(unlucky.address, at="end")
    (batch,) = campaign.batches.all()
    batches.work_batch(batch.pk)
    unlucky.refresh_from_db()
    assert (unlucky.status, unlucky.uncertain, unlucky.attempts) == ("pending", 1, 1)
    assert "hung up" in unlucky.reply_text
    end_leases()
    batches.work_batch(batch.pk)
    first, second = smtp_sink.messages_to(unlucky.address)
    assert first.content == second.content
    assert sorted(copies(smtp_sink).values()) == [1, 1, 2]
    assert set(campaign.deliveries.values_list("status", "attempts")) == {("sent", 1), ("sent", 2)}
    assert progress(campaign).times_uncertain == 1


def test_one_address_in_one_campaign_is_held_by_the_database(redis_server):
    campaign = launched(1)
    (delivery,) = campaign.deliveries.all()
    other = SubscriberFactory()
    with pytest.raises(IntegrityError):
        Delivery.objects.create(
            campaign=campaign,
            batch=delivery.batch,
            subscriber_id=other.pk,
            variant=delivery.variant,
            address=delivery.address,
            address_key=delivery.address_key,
        )
