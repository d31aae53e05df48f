"""No mail to anyone pending, unsubscribed, suppressed, bounced out or complained, whenever that came about."""

import pytest

from mailer.sending import batches
from subscribers.models import Subscriber, Suppression
from subscribers.suppression import suppress
from tests.factories import SubscriberFactory
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)

SILENT = ["pending", "unsubscribed", "bounced", "complained"]


def work(campaign):
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)


def test_every_status_but_active_is_silent():
    assert {status for status in Subscriber.Status.values if status not in {"active", "erased"}} == set(SILENT)


@pytest.mark.parametrize("status", SILENT)
def test_not_before_launch(redis_server, smtp_sink, status):
    silent = SubscriberFactory(status=status)
    campaign = launched(1)
    work(campaign)
    assert len(smtp_sink.messages) == 1
    assert smtp_sink.messages_to(silent.address) == []
    assert campaign.left_out == {status: 1}


@pytest.mark.parametrize("status", [*SILENT, "suppressed"])
def test_not_between_launch_and_batch(redis_server, smtp_sink, status):
    campaign = launched(2)
    person = campaign.deliveries.order_by("pk")[0].subscriber
    if status == "suppressed":
        suppress(person.address_key, Suppression.Reason.BLOCKED)
    else:
        Subscriber.objects.filter(pk=person.pk).update(status=status)
    work(campaign)
    assert smtp_sink.messages_to(person.address) == []
    delivery = campaign.deliveries.get(subscriber=person)
    assert (delivery.status, delivery.skip_reason) == ("skipped", status)


def test_not_when_a_temporary_refusal_is_tried_again(redis_server, smtp_sink):
    campaign = launched(1)
    (delivery,) = campaign.deliveries.all()
    smtp_sink.refuse(delivery.address, "450 4.2.1 later")
    work(campaign)
    Subscriber.objects.update(status="complained")
    campaign.deliveries.update(next_attempt_at="2020-01-01T00:00:00Z")
    campaign.batches.update(due_at="2020-01-01T00:00:00Z")
    smtp_sink.reset()
    work(campaign)
    assert smtp_sink.messages == []
