"""What was standing still for days is not sent by itself: a restored copy, a machine that was off (FIELD: listmonk#1801)."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from mailer.models import Campaign, CampaignTransition
from mailer.sending.batches import take_turn
from mailer.sending.canary import watch_canaries
from mailer.sending.control import cancel, resume
from mailer.sending.headers import Mailbox
from mailer.sending.launch import create_campaign
from mailer.sending.planning import Canary, Order
from mailer.sending.states import change_status
from mailer.sending.sweep import sweep_all
from subscribers.audiences import Audience
from tests.factories import SubscriberFactory, make_issue
from tests.promises.campaign import launched
from tests.services import celery_worker

pytestmark = pytest.mark.django_db(transaction=True)


def days_pass(campaign, days):
    """As if all that was written down of it were so much older."""
    past = timedelta(days=days)
    moments = ("created_at", "launched_at", "canary_ends_at")
    Campaign.objects.filter(pk=campaign.pk).update(**{name: F(name) - past for name in moments})
    CampaignTransition.objects.filter(campaign=campaign).update(at=F("at") - past)
    moments = ("given_back_at", "leased_until", "due_at")
    campaign.batches.update(**{name: F(name) - past for name in moments})


def test_a_campaign_that_was_sending_last_week_waits_for_an_editor_in_the_sweep(redis_server, smtp_sink):
    campaign = launched(5)
    days_pass(campaign, 7)
    sweep_all()
    campaign.refresh_from_db()
    assert campaign.status == "paused"
    week_ago = timezone.localtime() - timedelta(days=7)
    assert campaign.held_because.startswith(f"Nothing has happened in this campaign since {week_ago:%Y-%m-%d}")
    assert f"`ukebrev campaign resume {campaign.pk}` goes on with it" in campaign.held_because
    assert campaign.transitions.latest("id").by == "sweep"
    assert smtp_sink.messages == []


def test_a_worker_that_finds_a_task_of_last_week_sends_nothing(redis_server, smtp_sink):
    campaign = launched(5)
    days_pass(campaign, 7)
    take_turn()
    campaign.refresh_from_db()
    assert (campaign.status, smtp_sink.messages) == ("paused", [])


def test_an_editor_who_resumes_it_means_it(redis_server, smtp_sink, local_var):
    campaign = launched(5)
    days_pass(campaign, 7)
    sweep_all()
    resume(campaign.pk, by="torill")
    sweep_all()
    campaign.refresh_from_db()
    assert (campaign.status, campaign.held_because) == ("sending", "")
    with celery_worker(local_var.logs / "resumed.log"):
        smtp_sink.wait_for(5)


def test_an_editor_who_cancels_it_leaves_nobody_to_go(redis_server, smtp_sink):
    campaign = launched(5)
    days_pass(campaign, 7)
    sweep_all()
    assert cancel(campaign.pk, by="torill") == 5


@pytest.mark.parametrize("days", [0, 2])
def test_a_campaign_that_stood_still_for_less_goes_on(redis_server, smtp_sink, days):
    campaign = launched(2)
    days_pass(campaign, days)
    assert sweep_all() == 1
    campaign.refresh_from_db()
    assert campaign.status == "sending"


def test_a_batch_given_back_lately_is_a_sign_of_life_however_old_the_campaign_is(redis_server, smtp_sink):
    campaign = launched(2)
    days_pass(campaign, 30)
    campaign.batches.update(given_back_at=timezone.now())
    assert sweep_all() == 1


def test_the_rest_behind_a_canary_of_last_week_does_not_go(redis_server, smtp_sink):
    campaign = launched(20, Canary(percent=10, minutes=15))
    take_turn()
    watch_canaries()
    days_pass(campaign, 7)
    sweep_all()
    campaign.refresh_from_db()
    assert (campaign.status, len(smtp_sink.messages)) == ("paused", 2)


def test_a_rest_that_is_to_wait_for_many_days_waits_and_goes(redis_server, smtp_sink):
    campaign = launched(20, Canary(percent=10, minutes=7 * 24 * 60))
    take_turn()
    watch_canaries()
    days_pass(campaign, 7)
    sweep_all()
    sweep_all()
    take_turn()
    campaign.refresh_from_db()
    assert (campaign.status, len(smtp_sink.messages)) == ("sent", 20)


def test_what_waits_for_an_editors_decision_about_the_uncertain_is_left_to_wait(redis_server, smtp_sink, settings):
    settings.UNCERTAIN = "hold"
    campaign = launched(2)
    smtp_sink.hang_up(campaign.deliveries.order_by("pk")[0].address, at="end")
    take_turn()
    days_pass(campaign, 7)
    sweep_all()
    campaign.refresh_from_db()
    assert campaign.status == "sending"
    assert "campaign uncertain" in campaign.held_because


def test_a_launch_of_last_week_that_was_cut_short_sends_nothing(redis_server, smtp_sink):
    SubscriberFactory()
    campaign = create_campaign(
        Order(make_issue(), Audience(), Mailbox("SVU", "brev@example.org"), by="torill", again=True)
    )
    change_status(campaign.pk, Campaign.Status.LAUNCHING, by="torill")
    days_pass(campaign, 7)
    sweep_all()
    campaign.refresh_from_db()
    assert campaign.status == "cancelled"
    assert "Send it anew if it is still wanted." in campaign.held_because
    assert campaign.batches.count() == 0
