"""Send pressed twice, in two windows or on two machines, launches once (DESIGN: exactly one)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from mailer.models import Campaign
from mailer.sending.control import cancel
from mailer.sending.headers import Mailbox
from mailer.sending.launch import create_campaign, launch
from mailer.sending.planning import LaunchError, Order, PeopleOf
from subscribers.audiences import Audience
from tests.factories import SubscriberFactory, make_issue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(redis_server):
    SubscriberFactory.create_batch(3)
    return Order(make_issue(), Audience(), Mailbox("SVU", "brev@example.org"), by="torill")


def press(order):
    try:
        campaign = create_campaign(order)
        launch(campaign.pk, by=order.by)
    except LaunchError as problem:
        return str(problem)
    finally:
        connections.close_all()
    return ""


def test_of_two_presses_at_once_one_launches(order):
    with ThreadPoolExecutor(2) as both:
        told = sorted(both.map(press, [order, order]))
    assert told[0] == ""
    assert "goes to the same people already: campaign" in told[1]
    assert Campaign.objects.count() == 1


def test_a_press_moments_after_it_was_sent_launches_nothing(order):
    press(order)
    Campaign.objects.update(status="sent")
    assert "`--again`" in press(order)


@pytest.mark.parametrize("status", ["sending", "paused"])
def test_what_is_under_way_since_yesterday_is_not_sent_beside_itself(order, status):
    press(order)
    Campaign.objects.update(status=status, created_at=timezone.now() - timedelta(days=1))
    assert f"is {status}" in press(order)


def test_who_wants_it_again_says_so(order):
    press(order)
    again = Order(order.issue, order.audience, order.sender, by="torill", again=True)
    assert press(again) == ""
    assert Campaign.objects.count() == 2


def test_other_people_another_issue_and_a_cancelled_campaign_are_no_repeat(order):
    press(order)
    first = Campaign.objects.get()
    got = PeopleOf(first, Campaign.People.GOT)
    for other in (
        Order(order.issue, Audience(language="nb"), order.sender, by="torill"),
        Order(make_issue(title="Uke 46"), order.audience, order.sender, by="torill"),
    ):
        assert press(other) == ""
    first.deliveries.update(status="sent")
    assert "same people already" not in press(Order(order.issue, order.audience, order.sender, "torill", people_of=got))
    cancel(first.pk, by="torill")
    assert press(order) == ""
