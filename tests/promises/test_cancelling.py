"""A campaign that is cancelled under way has nobody to go, and each who got nothing has the reason."""

import threading
import time
from collections import Counter
from dataclasses import replace

import pytest
from django.db import connection, connections, transaction

from mailer.models import Campaign
from mailer.results.totals import totals
from mailer.sending.batches import own_fleet, work_batch
from mailer.sending.control import cancel
from mailer.sending.leases import claim, give_back
from mailer.sending.recording import recover
from mailer.sending.states import change_status
from mailer.sending.sweep import sweep_all
from mailer.sending.taking import take
from tests.local.commands import eventually
from tests.promises.campaign import end_leases, launched
from tests.services import celery_worker

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(campaign):
    return Counter(campaign.deliveries.values_list("status", "skip_reason"))


def work(campaign):
    for batch in campaign.batches.all():
        work_batch(batch.pk)
    connections.close_all()


def cancel_elsewhere(campaign):
    cancel(campaign.pk, by="torill")
    connections.close_all()


def somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        # A transaction sees the activity as it was at its first look.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def wait_until_given_back(campaign, seconds=15.0):
    end = time.monotonic() + seconds
    while campaign.batches.exclude(lease_owner="").exists():
        assert time.monotonic() < end, "The batch is leased still."
        time.sleep(0.05)


def test_cancelled_in_the_midst_of_sending_nobody_is_left_to_go_and_the_totals_are_those_of_the_relay(
    redis_server, slow_relay, local_var
):
    relay, campaign = slow_relay(0.2), launched(300)
    with celery_worker(local_var.logs / "cancelled.log", environment={"SMTP_URL": relay.url}):
        relay.wait_for(20)
        cancel(campaign.pk, by="torill")
        wait_until_given_back(campaign)
        got = relay.received.read()
    numbers = totals(campaign)
    assert (numbers.pending, numbers.sending, numbers.deferred, numbers.uncertain) == (0, 0, 0, 0)
    assert (numbers.sent, numbers.skipped, numbers.recipients) == (got, 300 - got, 300)
    assert outcomes(campaign) == {("sent", ""): got, ("skipped", "cancelled"): 300 - got}
    assert set(campaign.batches.values_list("due_at", flat=True)) == {None}


def test_who_was_refused_for_now_while_it_was_cancelled_is_skipped_too(redis_server, smtp_sink):
    campaign = launched(3)
    first, second, _ = campaign.deliveries.order_by("pk")
    smtp_sink.refuse(first.address, "451 4.2.1 busy")
    smtp_sink.dawdle(second.address, 1.5)
    working = threading.Thread(target=work, args=(campaign,))
    working.start()
    smtp_sink.wait_for(1)
    cancel(campaign.pk, by="torill")
    working.join()
    first.refresh_from_db()
    assert (first.status, first.skip_reason, first.reply_code) == ("skipped", "cancelled", 451)
    sent = len(smtp_sink.messages)
    assert outcomes(campaign) == {("sent", ""): sent, ("skipped", "cancelled"): 3 - sent}


def test_what_a_dead_worker_left_of_a_cancelled_campaign_is_settled_by_the_sweep(redis_server, smtp_sink):
    campaign = launched(4)
    lease = claim(campaign.batches.get().pk, owner="worker-that-died-on-another-machine")
    assert lease is not None
    taken, _ = take(batch_id=lease.batch_id, limit=2)
    assert len(taken) == 2
    cancel(campaign.pk, by="torill")
    end_leases()
    sweep_all()
    assert outcomes(campaign) == {("skipped", "may have got it"): 2, ("skipped", "cancelled"): 2}
    assert campaign.batches.get().lease_owner == ""
    assert totals(campaign).skipped == 4
    assert smtp_sink.messages == []


def test_what_a_dead_worker_of_this_machine_had_not_begun_is_cancelled_for_certain(redis_server, smtp_sink):
    campaign = launched(4)
    lease = claim(campaign.batches.get().pk, owner=own_fleet().journal.name)
    assert lease is not None
    take(batch_id=lease.batch_id, limit=2)
    cancel(campaign.pk, by="torill")
    end_leases()
    sweep_all()
    assert outcomes(campaign) == {("skipped", "cancelled"): 4}


def test_a_cancelling_that_comes_before_the_settling_of_a_dead_workers_batch_is_committed_skips_all(redis_server):
    campaign = launched(4)
    lease = claim(campaign.batches.get().pk, owner=own_fleet().journal.name)
    assert lease is not None
    take(batch_id=lease.batch_id, limit=2)
    cancelling = threading.Thread(target=cancel_elsewhere, args=(campaign,))
    with transaction.atomic():
        recover(replace(lease, previous_owner=lease.owner))
        give_back(lease)
        cancelling.start()
        # It has skipped whom it sees, and waits for the batch, which we hold.
        eventually(somebody_waits_for_a_lock)
    cancelling.join()
    assert outcomes(campaign) == {("skipped", "cancelled"): 4}


def test_giving_back_is_one_statement_while_the_campaign_is_not_cancelled(redis_server, django_assert_num_queries):
    campaign = launched(4)
    lease = claim(campaign.batches.get().pk, owner="worker")
    assert lease is not None
    with django_assert_num_queries(1):
        give_back(lease)


def test_a_cancelling_that_was_cut_short_is_ended_by_the_sweep(redis_server, smtp_sink):
    campaign = launched(3)
    change_status(campaign.pk, Campaign.Status.CANCELLED, by="torill")
    sweep_all()
    assert outcomes(campaign) == {("skipped", "cancelled"): 3}
    campaign.refresh_from_db()
    assert campaign.finished_at is not None


def test_nobody_has_to_decide_about_the_uncertain_of_a_cancelled_campaign(redis_server, smtp_sink, settings):
    settings.UNCERTAIN = "hold"
    campaign = launched(3)
    smtp_sink.hang_up(campaign.deliveries.order_by("pk")[0].address, at="end")
    work(campaign)
    cancel(campaign.pk, by="torill")
    assert outcomes(campaign) == {("sent", ""): 2, ("skipped", "may have got it"): 1}
    assert totals(campaign).done == 3
