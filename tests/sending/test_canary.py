from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.models import Batch, Campaign
from mailer.sending.batches import take_turn
from mailer.sending.canary import watch_canaries
from mailer.sending.control import resume
from mailer.sending.first_readers import first_in_words
from mailer.sending.headers import Mailbox
from mailer.sending.launch import create_campaign, launch
from mailer.sending.planning import Canary, LaunchError, Order
from subscribers.audiences import Audience
from tests.factories import SubscriberFactory, make_issue, section

pytestmark = pytest.mark.django_db(transaction=True)


def ordered(issue, canary):
    return Order(issue, Audience(), Mailbox("SVU", "brev@example.org"), by="torill", canary=canary, again=True)


def launched(canary):
    issue = make_issue()
    SubscriberFactory.create_batch(20)
    SubscriberFactory(address="torill@example.org")
    campaign = create_campaign(ordered(issue, canary))
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


def test_the_first_are_drawn_from_those_who_get_a_letter_and_not_from_all_in_the_audience(redis_server, smtp_sink):
    issue = make_issue(section("Studentbyen", "students"))
    SubscriberFactory.create_batch(300, follows=("businesses",))
    SubscriberFactory.create_batch(40, follows=("students",))
    campaign = create_campaign(ordered(issue, Canary(percent=5, minutes=15)))
    launch(campaign.pk, by="torill")
    assert list(campaign.batches.filter(is_canary=True).values_list("size", flat=True)) == [2]
    work(campaign)
    assert "the rest follows at" in Campaign.objects.get(pk=campaign.pk).held_because
    time_passes(campaign)
    assert (campaign.status, len(smtp_sink.messages)) == ("sent", 40)


def test_who_is_to_go_first_and_gets_no_letter_is_named_and_nothing_is_made(redis_server):
    issue = make_issue(section("Studentbyen", "students"))
    SubscriberFactory(address="kari@example.org", follows=("students",))
    SubscriberFactory(address="jonas@example.org", follows=("entrepreneurs",))
    everyone = ("Kari@example.org", "jonas@example.org", "nobody@example.org")
    with pytest.raises(
        LaunchError,
        match=r"first: jonas@example\.org is in the audience, but nothing in the issue is for them; nobody@example\.org is not",
    ):
        create_campaign(ordered(issue, Canary(addresses=everyone)))
    assert not Campaign.objects.exists()


def test_when_none_of_the_first_is_left_at_the_launch_nobody_gets_it_at_once(redis_server):
    issue = make_issue()
    SubscriberFactory.create_batch(3)
    torill = SubscriberFactory(address="torill@example.org")
    campaign = create_campaign(ordered(issue, Canary(addresses=("torill@example.org",))))
    type(torill).objects.filter(pk=torill.pk).update(status="unsubscribed")
    with pytest.raises(LaunchError, match="Nobody of those who were to get it first"):
        launch(campaign.pk, by="torill")
    assert (Campaign.objects.get(pk=campaign.pk).status, campaign.batches.count()) == ("cancelled", 0)


def test_a_relay_that_was_down_during_the_pause_leaves_the_pause_told(redis_server, smtp_sink):
    campaign = launched(Canary(percent=10, minutes=15))
    pause = campaign.held_because
    Campaign.objects.filter(pk=campaign.pk).update(held_because="The relay can't be used.")
    Batch.objects.filter(is_canary=True).update(due_at=timezone.now())
    work(campaign)
    assert campaign.held_because == pause


def test_the_plan_says_who_goes_first():
    canary = Canary(percent=10, addresses=("torill@example.org",), minutes=1)
    assert first_in_words(canary, 21).startswith(
        "First: 3 drawn by lot and torill@example.org. The rest waits until each of these has been tried, and a minute more,"
    )
    many = Canary(addresses=tuple(f"reader{number}@example.org" for number in range(12)), minutes=0)
    assert first_in_words(many, 21).startswith("First: 12 whom you named. The rest waits until each of these")
    assert first_in_words(many, 12).startswith("All 12 would get it first")
