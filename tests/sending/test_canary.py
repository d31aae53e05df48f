from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.models import Batch, Campaign
from mailer.sending.batches import take_turn
from mailer.sending.canary import watch_canaries
from mailer.sending.control import resume
from mailer.sending.headers import Mailbox
from mailer.sending.launch import create_campaign, launch
from mailer.sending.planning import Canary, Order
from subscribers.audiences import Audience
from tests.factories import SubscriberFactory, make_issue

pytestmark = pytest.mark.django_db(transaction=True)


def launched(canary):
    issue = make_issue()
    SubscriberFactory.create_batch(20)
    SubscriberFactory(address="torill@example.org")
    order = Order(issue, Audience(), Mailbox("SVU", "brev@example.org"), by="torill", canary=canary)
    campaign = create_campaign(order)
    launch(campaign.pk, by="torill")
    work(campaign)
    return campaign


def work(campaign):
    take_turn()
    watch_canaries()
    campaign.refresh_from_db()


def time_passes(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(canary_ends_at=timezone.now() - timedelta(seconds=1))
    watch_canaries()
    work(campaign)


def test_the_first_get_it_and_the_rest_when_the_pause_is_over(redis_server, smtp_sink):
    campaign = launched(Canary(percent=10, addresses=("Torill@example.org",), minutes=15))
    first = len(smtp_sink.messages)
    assert 3 <= first <= 4
    assert len(smtp_sink.messages_to("torill@example.org")) == 1
    assert campaign.status == "sending"
    assert "the rest follows at" in campaign.held_because
    work(campaign)
    assert len(smtp_sink.messages) == first
    time_passes(campaign)
    assert (campaign.status, len(smtp_sink.messages)) == ("sent", 21)


def test_too_many_refusals_among_the_first_stop_it_and_a_person_may_let_the_rest_go(redis_server, smtp_sink):
    smtp_sink.refuse("torill@example.org", "550 5.7.1 spam")
    campaign = launched(Canary(addresses=("torill@example.org",), minutes=15))
    time_passes(campaign)
    assert campaign.status == "paused"
    assert campaign.held_because.startswith("Stopped by itself: 1 of the first 1 letters were refused")
    assert smtp_sink.messages == []
    resume(campaign.pk, by="torill")
    work(campaign)
    assert (campaign.status, len(smtp_sink.messages)) == ("sent", 20)


def test_a_canary_of_everyone_leaves_nobody_waiting(redis_server, smtp_sink):
    campaign = launched(Canary(percent=100, minutes=15))
    assert not Batch.objects.filter(is_canary=False).exists()
    assert (campaign.status, len(smtp_sink.messages)) == ("sent", 21)
