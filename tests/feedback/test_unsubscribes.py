from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from mailer.feedback.unsubscribes import leave
from mailer.models import Delivery, Feedback
from mailer.sending import batches
from mailer.sending.materialise import make_all_rows
from mailer.sending.taking import take
from subscribers.models import ConsentEvent, Subscriber
from subscribers.tokens import Holder
from tests.factories import SubscriberFactory
from tests.public.delivered import launched

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kari():
    return SubscriberFactory(address="kari@example.com")


def closing(doing):
    doing()
    connection.close()


def elsewhere(doing):
    """Does it over a connection of its own, and fails when it takes as long as waiting for a lock would."""
    with ThreadPoolExecutor(1) as other:
        other.submit(closing, doing).result(timeout=5)


def status_of(person):
    return Subscriber.objects.get(pk=person.pk).status


@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize("waiting", [Delivery.Status.PENDING, Delivery.Status.DEFERRED])
def test_what_still_waits_for_the_person_is_skipped_and_the_rest_goes_on(kari, smtp_sink, waiting):
    SubscriberFactory(address="ola@example.org")
    campaign = launched()
    make_all_rows(campaign.pk)
    campaign.deliveries.filter(subscriber=kari).update(status=waiting)
    leave(Holder(kari.pk, campaign.pk), source="one-click")
    skipped = campaign.deliveries.get(subscriber=kari)
    assert (skipped.status, skipped.skip_reason, skipped.next_attempt_at) == ("skipped", "unsubscribed", None)
    assert skipped.finished_at is not None
    batches.work_batch(campaign.batches.get().pk)
    assert [message.recipients for message in smtp_sink.messages] == [["ola@example.org"]]
    campaign.refresh_from_db()
    assert campaign.status == "sent"


@pytest.mark.usefixtures("redis_server")
def test_what_is_on_the_wire_is_left_for_its_worker_to_judge(kari):
    campaign = launched()
    make_all_rows(campaign.pk)
    take(batch_id=campaign.batches.get().pk, limit=1)
    leave(Holder(kari.pk, campaign.pk), source="one-click")
    assert campaign.deliveries.get().status == "sending"


@pytest.mark.usefixtures("redis_server")
def test_it_is_written_down_for_which_campaign_and_delivery(kari):
    campaign = launched()
    make_all_rows(campaign.pk)
    leave(Holder(kari.pk, campaign.pk), source="one-click")
    told = Feedback.objects.get()
    assert (told.kind, told.source, told.subscriber, told.campaign) == ("unsubscribe", "one-click", kari, campaign)
    assert told.delivery == campaign.deliveries.get()


def test_a_letter_from_no_campaign_or_from_one_that_is_gone_will_do(kari):
    leave(Holder(kari.pk, 4_000_000_000), source="page")
    leave(Holder(kari.pk), source="page")
    assert status_of(kari) == "unsubscribed"
    assert Feedback.objects.filter(campaign=None, delivery=None).count() == 2


def test_two_at_the_same_moment_count_once(kari):
    with ThreadPoolExecutor(2) as both:
        for _ in range(2):
            both.submit(closing, lambda: leave(Holder(kari.pk), source="one-click"))
    assert status_of(kari) == "unsubscribed"
    assert Feedback.objects.count() == 1
    assert ConsentEvent.objects.filter(subscriber=kari, kind=ConsentEvent.Kind.WITHDRAWN).count() == 1


def test_somebody_who_is_not_there_any_more_changes_nothing():
    assert leave(Holder(2**62), source="one-click") is None
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [("pending", "unsubscribed"), ("bounced", "unsubscribed"), ("complained", "complained"), ("erased", "erased")],
)
def test_no_state_leads_back_to_the_list(kari, before, after):
    Subscriber.objects.filter(pk=kari.pk).update(status=before)
    leave(Holder(kari.pk), source="one-click")
    assert status_of(kari) == after


def test_a_launch_and_someone_who_leaves_neither_wait_for_nor_fail_each_other(kari):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM subscribers_subscriber")
        elsewhere(lambda: leave(Holder(kari.pk), source="one-click"))
        # What the making of a delivery asks of the person's row, in the launch's snapshot.
        cursor.execute("SELECT 1 FROM subscribers_subscriber WHERE id = %s FOR KEY SHARE", [kari.pk])
        elsewhere(lambda: leave(Holder(kari.pk), source="one-click"))
    assert status_of(kari) == "unsubscribed"
