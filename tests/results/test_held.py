"""An editor whose campaign is held is told what comes next: whether it goes on by itself, and when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.models import Campaign
from mailer.results.held import held
from mailer.sending.batches import work_batch
from mailer.sending.canary import watch_canaries
from mailer.sending.planning import Canary
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)


def is_held(campaign, why="127.0.0.1:25 can't be used: Connection refused", **batches):
    campaign.batches.update(**batches)
    Campaign.objects.filter(pk=campaign.pk).update(held_because=why)
    campaign.refresh_from_db()
    return held(campaign)


def test_it_goes_on_by_itself_at_a_moment_and_nobody_has_failed(redis_server):
    later = timezone.now() + timedelta(days=1)
    assert is_held(launched(2), due_at=later) == (
        "127.0.0.1:25 can't be used: Connection refused. It goes on by itself: the next try is on "
        f"{timezone.localtime(later):%Y-%m-%d at %H:%M}. Nobody has failed because of it."
    )


def test_it_is_being_tried_again_when_that_is_due(redis_server):
    assert "It goes on by itself: it is being tried again now. Nobody" in is_held(launched(2))


def test_it_does_not_go_on_by_itself_when_somebody_is_to_decide(redis_server):
    why = "1 may or may not have got it: decide with `ukebrev campaign uncertain 1`."
    assert is_held(launched(2), why, due_at=None) == why


def test_what_is_paused_waits_for_a_person(redis_server):
    campaign = launched(2)
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    assert is_held(campaign, "Stopped by itself.") == "Stopped by itself."


def test_nothing_is_held_by_a_canary_or_when_all_is_well(redis_server, smtp_sink):
    campaign = launched(3, Canary(percent=10))
    assert held(campaign) == ""
    work_batch(campaign.batches.get(is_canary=True).pk)
    watch_canaries()
    campaign.refresh_from_db()
    assert (campaign.held_because != "", held(campaign)) == (True, "")
