import pytest
from django.db import connection

from mailer.feedback.unsubscribes import leave
from mailer.models import Batch
from mailer.results.totals import progress, totals
from mailer.sending import batches, materialise
from mailer.sending.headers import Mailbox
from mailer.sending.launch import create_campaign, launch
from mailer.sending.planning import Order
from subscribers.audiences import Audience
from subscribers.tokens import Holder
from tests.factories import SubscriberFactory, make_issue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(redis_server, smtp_sink, monkeypatch):
    """Seven readers in four batches of two, and one."""
    monkeypatch.setattr(materialise, "BATCH_SIZE", 2)
    issue = make_issue()
    for number in range(5):
        SubscriberFactory(address=f"reader{number}@example.org")
    for number in range(2):
        SubscriberFactory(address=f"other{number}@example.com", follows=("students",))
    campaign = create_campaign(Order(issue, Audience(), Mailbox("SVU", "brev@example.org"), by="torill", again=True))
    launch(campaign.pk, by="torill")
    campaign.refresh_from_db()
    return campaign


def by_status(campaign):
    numbers = totals(campaign)
    assert numbers.recipients == 7
    return {
        s: n for s in ("pending", "sent", "deferred", "failed", "skipped", "uncertain") if (n := getattr(numbers, s))
    }


def test_the_totals_add_up_before_the_rows_are_made_while_batches_are_sent_and_after(campaign, smtp_sink):
    smtp_sink.refuse("reader1@example.org", "550 5.1.1 no such user")
    assert by_status(campaign) == {"pending": 7}
    batch, *others = campaign.batches.all()
    batches.work_batch(batch.pk)
    assert by_status(campaign) == {"pending": 5, "sent": 1, "failed": 1}
    for other in others:
        batches.work_batch(other.pk)
    assert by_status(campaign) == {"sent": 6, "failed": 1}


def test_a_batch_that_was_made_and_that_nobody_has_worked_on_yet_is_read_from_its_tally_alone(campaign):
    before = progress(campaign).letters
    materialise.make_all_rows(campaign.pk)
    assert not Batch.objects.filter(tally__isnull=True).exists()
    assert (before, sorted(progress(campaign).letters.values())) == ({}, [(2, 0), (5, 0)])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mailer_delivery SET status = 'sent'")
    assert by_status(campaign) == {"pending": 7}


def test_who_leaves_is_counted_at_once_in_a_batch_that_was_only_made(campaign):
    materialise.make_all_rows(campaign.pk)
    waiting = campaign.deliveries.first()
    leave(Holder(subscriber_id=waiting.subscriber_id, campaign_id=campaign.pk), source="page")
    assert by_status(campaign) == {"pending": 6, "skipped": 1}


def test_it_is_counted_by_relay_domain_and_letter(campaign, smtp_sink):
    smtp_sink.refuse("other1@example.com", "450 4.2.0 later")
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    counted = progress(campaign)
    ((relay, statuses),) = counted.relays.items()
    assert relay in smtp_sink.url
    assert statuses == {"sent": 6, "deferred": 1}
    assert counted.domains == {"example.org": {"sent": 5}, "example.com": {"sent": 1, "deferred": 1}}
    assert sorted(counted.letters.values()) == [(2, 1), (5, 5)]


def test_who_leaves_is_counted_at_once_in_a_batch_that_was_given_back(campaign, smtp_sink):
    smtp_sink.refuse("other1@example.com", "450 4.2.0 later")
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    waiting = campaign.deliveries.get(status="deferred")
    leave(Holder(subscriber_id=waiting.subscriber_id, campaign_id=campaign.pk), source="page")
    assert by_status(campaign) == {"sent": 6, "skipped": 1}


def test_a_batch_that_nobody_works_on_is_read_from_its_tally_alone(campaign, smtp_sink):
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    assert not Batch.objects.filter(tally__isnull=True).exists()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mailer_delivery SET status = 'pending'")
    assert by_status(campaign) == {"sent": 7}
