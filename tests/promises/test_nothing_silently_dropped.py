"""Each delivery ends in a state that an editor can see, with the reason, and the totals add up (FIELD: plunk#337, listmonk#2278)."""

import pytest

from mailer.results.campaigns import report
from mailer.sending import batches
from subscribers.models import Subscriber
from tests.factories import SubscriberFactory
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_candidate_is_accounted_for(redis_server, smtp_sink):
    SubscriberFactory(status="bounced")
    campaign = launched(6)
    refused, greylisted, left, *_ = list(campaign.deliveries.order_by("pk"))
    smtp_sink.refuse(refused.address, "550 5.1.1 no such user")
    smtp_sink.refuse(greylisted.address, "451 4.7.1 greylisted")
    Subscriber.objects.filter(pk=left.subscriber_id).update(status="unsubscribed")
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    campaign.refresh_from_db()
    told = report(campaign)
    assert campaign.candidates == campaign.recipients + sum(campaign.left_out.values()) == 7
    totals = told.totals
    assert (totals.sent, totals.failed, totals.deferred, totals.skipped) == (3, 1, 1, 1)
    assert totals.recipients == campaign.recipients == totals.done + totals.deferred
    assert told.reasons == {
        "failed: 5.1.1 no such user": 1,
        "deferred: 4.7.1 greylisted": 1,
        "skipped: unsubscribed": 1,
    }
