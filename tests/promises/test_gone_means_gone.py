"""Unsubscribing takes effect before the page answers, for mail already queued as well."""

import pytest

from mailer.models import Campaign
from mailer.sending import batches
from mailer.sending.links import unsubscribe_url
from subscribers.models import ConsentEvent, Subscriber
from subscribers.tokens import Holder, make_token
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_click_is_done_when_it_answers(client, redis_server, smtp_sink):
    campaign = launched(2)
    leaver = campaign.deliveries.order_by("pk")[0].subscriber
    token = make_token("unsubscribe", Holder(leaver.pk, campaign.pk))
    answer = client.post(
        unsubscribe_url(token).partition("/u/")[2].join(["/u/", ""]),
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    leaver.refresh_from_db()
    delivery = campaign.deliveries.get(subscriber=leaver)
    assert leaver.status == Subscriber.Status.UNSUBSCRIBED
    assert (delivery.status, delivery.skip_reason) == ("skipped", "unsubscribed")
    assert leaver.consent_events.filter(kind=ConsentEvent.Kind.WITHDRAWN).count() == 1
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    assert smtp_sink.messages_to(leaver.address) == []
    assert Campaign.objects.get(pk=campaign.pk).status == "sent"
