"""The rate is of what was sent lately, over the time in which something was sent: neither pauses nor what was sent before count."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.models import Campaign, Delivery
from mailer.results import rate as rates
from mailer.results.totals import progress
from mailer.sending import materialise
from mailer.sending.control import pause, resume
from mailer.sending.planning import Canary
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)


def long_ago(campaign):
    """The same campaign, launched an hour ago."""
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Campaign.objects.filter(pk=campaign.pk).update(launched_at=an_hour_ago)
    campaign.transitions.update(at=an_hour_ago)
    campaign.refresh_from_db()
    return campaign


@pytest.fixture
def campaign(redis_server, smtp_sink, monkeypatch):
    """Forty readers in four batches, launched an hour ago."""
    monkeypatch.setattr(materialise, "BATCH_SIZE", 10)
    return long_ago(launched(40))


def has_sent(batch, number, *, seconds_ago, given_back=None):
    """What a worker leaves that has sent so many of a batch, and works on it still unless it was `given_back` so many seconds ago."""
    ids = list(batch.deliveries.filter(status="pending").order_by("pk").values_list("pk", flat=True)[:number])
    then = timezone.now() - timedelta(seconds=seconds_ago)
    Delivery.objects.filter(pk__in=ids).update(status="sent", finished_at=then)
    is_free = given_back is not None
    type(batch).objects.filter(pk=batch.pk).update(
        lease_owner="" if is_free else "worker",
        leased_until=None if is_free else timezone.now() + timedelta(minutes=1),
        given_back_at=timezone.now() - timedelta(seconds=given_back) if is_free else None,
        due_at=None if is_free else batch.due_at,
        tally={"statuses": {"sent": batch.deliveries.filter(status="sent").count()}} if is_free else None,
    )


def test_what_was_sent_before_a_pause_slows_nothing_down(campaign):
    first, second, *_ = campaign.batches.all()
    has_sent(first, 10, seconds_ago=300, given_back=300)
    pause(campaign.pk, by="torill")
    resume(campaign.pk, by="torill")
    ten_seconds_ago = timezone.now() - timedelta(seconds=10)
    campaign.transitions.filter(from_status="paused").update(at=ten_seconds_ago)
    has_sent(second, 5, seconds_ago=2)
    now = progress(campaign)
    assert now.rate == pytest.approx(5 / 3, rel=0.2)
    assert now.seconds_left == pytest.approx(25 / now.rate)


def test_what_a_batch_had_sent_long_before_it_was_taken_up_again_counts_for_nothing(campaign):
    first, second, *_ = campaign.batches.all()
    has_sent(first, 9, seconds_ago=900)
    has_sent(first, 1, seconds_ago=20, given_back=10)
    has_sent(second, 1, seconds_ago=5)
    assert progress(campaign).rate == pytest.approx(2 / 21, rel=0.2)


def test_of_many_batches_the_last_ones_tell(campaign, monkeypatch):
    monkeypatch.setattr(rates, "_RATE", rates._RATE.replace(f"LIMIT {rates._BATCHES} + 1", "LIMIT 2 + 1"))
    monkeypatch.setattr(rates, "_RATE", rates._RATE.replace(f"OFFSET {rates._BATCHES}", "OFFSET 2"))
    for batch, seconds in zip(campaign.batches.all(), (40, 30, 20, 10), strict=True):
        has_sent(batch, 8, seconds_ago=seconds + 1, given_back=seconds)
    type(batch).objects.filter(pk=batch.pk).update(due_at=timezone.now())
    assert progress(campaign).rate == pytest.approx(16 / 22, rel=0.2)


@pytest.mark.parametrize("held", ["", "The relay can't be used."])
def test_nothing_is_left_to_tell_while_nothing_is_sent(campaign, held):
    first, *others = campaign.batches.all()
    has_sent(first, 10, seconds_ago=5, given_back=5)
    assert progress(campaign).seconds_left is not None
    Campaign.objects.filter(pk=campaign.pk).update(held_because=held)
    campaign.refresh_from_db()
    if not held:
        campaign.batches.exclude(pk=first.pk).update(due_at=timezone.now() + timedelta(minutes=10))
    assert (progress(campaign).rate, progress(campaign).seconds_left) == (0.0, None)
    assert len(others) == 3


def test_while_the_first_get_theirs_nobody_knows_how_long_the_whole_takes(redis_server, smtp_sink):
    campaign = long_ago(launched(10, Canary(percent=30)))
    has_sent(campaign.batches.get(is_canary=True), 1, seconds_ago=1)
    now = progress(campaign)
    assert now.rate > 0
    assert now.seconds_left is None


def test_what_is_sent_after_a_canary_is_not_slowed_down_by_its_wait(redis_server, smtp_sink):
    campaign = long_ago(launched(10, Canary(percent=30)))
    first, rest = campaign.batches.order_by("-is_canary")
    has_sent(first, 3, seconds_ago=30, given_back=29)
    campaign.canary_ends_at = timezone.now() - timedelta(seconds=3)
    campaign.save()
    has_sent(rest, 6, seconds_ago=1)
    assert progress(campaign).rate == pytest.approx(6 / 2, rel=0.3)
