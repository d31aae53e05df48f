"""The rows of a batch that is made by the way are those that it would have had, and are taken once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.forms.models import model_to_dict
from django.utils import timezone

from mailer.models import Batch
from mailer.sending import leases, recording, taking
from mailer.sending.launch import create_campaign, launch
from mailer.sending.materialise import make_all_rows, make_rows
from mailer.sending.taking import make_and_take, take, take_from
from subscribers.models import Subscriber, Suppression
from subscribers.suppression import suppress
from tests.factories import SubscriberFactory, make_issue
from tests.sending.plans import plan_of
from tests.sending.test_launch import order

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("kari", "jonas", "ola", "edda", "per")
LEFT_OUT = {"jonas": "unsubscribed", "edda": "suppressed", "per": "paused"}


@pytest.fixture
def people(redis_server):
    return {name: SubscriberFactory(address=f"{name}@example.org", follows=("students",)) for name in NAMES}


def unmade():
    """A campaign of five whose rows are not made yet; three of its people have left since in their ways."""
    campaign = create_campaign(order(make_issue()))
    launch(campaign.pk, by="torill")
    return campaign


def some_leave(people):
    Subscriber.objects.filter(pk=people["jonas"].pk).update(status=Subscriber.Status.UNSUBSCRIBED)
    suppress("edda@example.org", Suppression.Reason.COMPLAINED)
    Subscriber.objects.filter(pk=people["per"].pk).update(paused_until=timezone.localdate() + timedelta(days=7))


def lease_of(campaign, owner="first"):
    lease = leases.claim(campaign.batches.get().pk, owner=owner)
    assert lease is not None
    return lease


def rows(campaign):
    """All that a delivery row holds and that another campaign's could hold as well."""
    own = ("id", "campaign", "batch", "variant", "first_attempt_at", "finished_at")
    return [
        {
            **{field: value for field, value in model_to_dict(delivery).items() if field not in own},
            "is_begun": delivery.first_attempt_at is not None,
            "is_finished": delivery.finished_at is not None,
        }
        for delivery in campaign.deliveries.order_by("subscriber_id")
    ]


def names(taken):
    return [item.recipient.address.partition("@")[0] for item in taken]


@pytest.mark.parametrize("limit", [1, 3, 5, 9])
def test_making_and_taking_leaves_what_making_and_then_taking_leaves(people, limit):
    by_the_way, apart = unmade(), unmade()
    some_leave(people)
    lease = lease_of(by_the_way)
    assert not lease.is_made
    got = make_and_take(lease, limit)
    make_rows(apart.pk, [apart.batches.get().pk])
    taken, may_be_more = take(batch_id=apart.batches.get().pk, limit=limit)
    assert got is not None
    assert names(got[0]) == names(taken)
    assert got[1] == may_be_more
    assert rows(by_the_way) == rows(apart)
    batch = by_the_way.batches.get()
    assert (batch.is_made, batch.size, batch.subscriber_ids, batch.variant_ids) == (True, 5, [], [])


def test_who_left_since_the_launch_is_skipped_with_the_reason(people):
    campaign = unmade()
    some_leave(people)
    got = make_and_take(lease_of(campaign), 10)
    assert got is not None
    assert names(got[0]) == ["kari", "ola"]
    skipped = campaign.deliveries.filter(status="skipped").values_list("address", "skip_reason")
    assert {address.partition("@")[0]: reason for address, reason in skipped} == LEFT_OUT


def test_what_was_taken_carries_what_a_letter_needs(people):
    campaign = unmade()
    got = make_and_take(lease_of(campaign), 10)
    assert got is not None
    item = got[0][0]
    delivery = campaign.deliveries.get(pk=item.recipient.delivery_id)
    assert (delivery.subscriber_id, delivery.variant_id) == (item.recipient.subscriber_id, item.variant_id)
    assert (item.recipient.address, item.recipient.name) == ("kari@example.org", people["kari"].name)
    assert (item.attempt, delivery.attempts, delivery.status) == (1, 1, "sending")
    assert abs((item.first_attempt_at - delivery.first_attempt_at).total_seconds()) <= 1


def test_rows_are_made_once_and_the_rest_is_taken_later(people):
    campaign = unmade()
    lease = lease_of(campaign)
    first, may_be_more = take_from(lease, 2)
    assert may_be_more
    assert make_and_take(lease, 2) is None
    # As when the answer to the first time was lost: what was taken then is not taken again.
    second, may_be_more = take_from(lease, 10)
    assert not may_be_more
    assert sorted(names(first) + names(second)) == sorted(NAMES)
    assert campaign.deliveries.count() == len(NAMES)


def test_who_lost_the_lease_makes_and_takes_nothing(people):
    campaign = unmade()
    lease = lease_of(campaign)
    Batch.objects.update(lease_owner="second")
    assert make_and_take(lease, 10) is None
    assert take_from(lease, 10) == ([], False)
    assert not campaign.deliveries.exists()


def test_somebody_whose_record_is_gone_has_no_row_and_the_sum_says_so(people):
    campaign = unmade()
    people["ola"].delete()
    got = make_and_take(lease_of(campaign), 10)
    assert got is not None
    assert "ola" not in names(got[0])
    campaign.refresh_from_db()
    assert (campaign.recipients, campaign.left_out["removed since"]) == (4, 1)
    assert campaign.recipients + sum(campaign.left_out.values()) == campaign.candidates


def make_apart(campaign, batch):
    assert make_rows(campaign.pk, [batch.pk]) == 1


def make_by_the_way(campaign, batch):
    lease = leases.claim(batch.pk, owner="first")
    assert lease is not None
    taken, _ = take_from(lease, 10)
    assert len(taken) == campaign.deliveries.filter(batch=batch).count() > 0


@pytest.mark.parametrize("make", [make_apart, make_by_the_way])
def test_an_address_that_moved_between_two_batches_gets_one_delivery_and_the_sum_adds_up(people, make, monkeypatch):
    monkeypatch.setattr("mailer.sending.materialise.BATCH_SIZE", 3)
    campaign = unmade()
    first, second = campaign.batches.order_by("number")
    make(campaign, first)
    early = people["kari"]
    late = Subscriber.objects.get(pk=second.subscriber_ids[0])
    left, moved = early.address, late.address
    for person, address in ((early, "elsewhere@example.org"), (late, left), (early, moved)):
        Subscriber.objects.filter(pk=person.pk).update(address=address, address_key=address)
    make(campaign, second)
    addresses = list(campaign.deliveries.values_list("address_key", flat=True))
    assert len(addresses) == len(set(addresses)) == 4
    assert not campaign.deliveries.filter(subscriber=late).exists()
    campaign.refresh_from_db()
    assert (campaign.recipients, campaign.left_out) == (4, {"duplicate address": 1})


def test_who_is_gone_and_whose_address_another_has_by_now_are_told_apart(people, monkeypatch):
    monkeypatch.setattr("mailer.sending.materialise.BATCH_SIZE", 2)
    campaign = unmade()
    first = campaign.batches.order_by("number")[0]
    make_rows(campaign.pk, [first.pk])
    early = Subscriber.objects.get(pk=campaign.deliveries.order_by("pk")[0].subscriber_id)
    late, gone = Subscriber.objects.order_by("pk")[3:]
    left = early.address
    for person, address in ((early, "elsewhere@example.org"), (late, left)):
        Subscriber.objects.filter(pk=person.pk).update(address=address, address_key=address)
    gone.subscriptions.all().delete()
    gone.delete()
    make_all_rows(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.recipients == campaign.deliveries.count() == len(NAMES) - 2
    assert campaign.left_out == {"removed since": 1, "duplicate address": 1}


def test_a_batch_is_found_by_itself_whatever_the_database_knows_of_its_campaign(people):
    """Of one that began since the last ANALYZE nothing is known, and an index by campaign seems as good: it is a hundred times the work."""
    campaign = unmade()
    make_rows(campaign.pk, [campaign.batches.get().pk])
    values = {
        "batch": campaign.batches.get().pk,
        "limit": 10,
        "owner": "",
        "results": "{}",
        "queue_ids": "{}",
        "ids": "{}",
    }
    values |= {"attempt": 1, "code": 250, "enhanced": "", "relay": "", "hold": False, "most": 4, "unknown": "{}"}
    for statement in (taking._TAKE, recording._RECORD, recording._RECORD_SENT, recording._UNKNOWN):
        plan = plan_of(statement, values)
        assert "delivery_batch" in plan
        assert "delivery_once" not in plan


def test_the_database_does_not_conclude_from_one_small_campaign_that_all_deliveries_are_of_one_batch(people):
    """It would read the whole table of a large one for each batch: 70 s instead of 13 to make a million rows."""
    campaign = unmade()
    make_rows(campaign.pk, [campaign.batches.get().pk])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE mailer_delivery")
        cursor.execute("SELECT n_distinct FROM pg_stats WHERE tablename = 'mailer_delivery' AND attname = 'batch_id'")
        assert cursor.fetchall() == [(pytest.approx(-0.002),)]
