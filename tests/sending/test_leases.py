from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.models import Batch, Campaign
from mailer.sending import leases
from mailer.sending.burying import bury_the_dead
from mailer.sending.journal import Journal, journal_folder
from tests.promises.campaign import end_leases, launched

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def batch(redis_server, smtp_sink):
    (batch,) = launched(3).batches.all()
    return batch


def claimed(batch, owner):
    lease = leases.claim(batch.pk, owner=owner)
    assert lease is not None
    return lease


def test_a_lease_that_has_run_out_is_taken_over_and_names_who_had_it(batch):
    assert claimed(batch, "first").previous_owner == ""
    end_leases()
    assert claimed(batch, "second").previous_owner == "first"


def test_a_lease_is_renewed_by_its_owner_alone_and_while_the_campaign_sends(batch):
    lease = claimed(batch, "first")
    assert leases.renew(lease)
    Batch.objects.update(lease_owner="second")
    assert not leases.renew(lease)
    Batch.objects.update(lease_owner="first")
    Campaign.objects.update(status="paused")
    assert not leases.renew(lease)


def test_a_batch_given_back_is_due_when_there_is_something_to_do(batch):
    later = timezone.now() + timedelta(minutes=7)
    batch.campaign.deliveries.update(status="deferred", next_attempt_at=later)
    leases.give_back(claimed(batch, "first"))
    batch.refresh_from_db()
    assert (batch.lease_owner, batch.due_at) == ("", later)
    batch.campaign.deliveries.update(status="sent")
    Batch.objects.update(due_at=timezone.now())
    leases.give_back(claimed(batch, "first"))
    batch.refresh_from_db()
    assert batch.due_at is None


def test_the_lease_of_a_dead_worker_of_this_machine_ends_at_once(batch):
    name = "dead.journal"
    living = Journal(journal_folder())
    claimed(batch, living.name)
    bury_the_dead()
    assert leases.next_due(batch.campaign_id) is None
    (journal_folder() / name).write_text("")
    Batch.objects.update(lease_owner=name)
    bury_the_dead()
    assert leases.next_due(batch.campaign_id) == batch.pk


def test_the_journal_of_the_dead_stays_until_what_it_tells_is_settled(batch):
    delivery = batch.campaign.deliveries.first()
    file = journal_folder() / "telling.journal"
    file.write_text(f"H {delivery.pk} 1 main\n")
    batch.campaign.deliveries.filter(pk=delivery.pk).update(status="sending")
    bury_the_dead()
    assert file.exists()
    batch.campaign.deliveries.filter(pk=delivery.pk).update(status="sent")
    bury_the_dead()
    assert not file.exists()
