"""Races of leases, journals and late answers, one step at a time: each of these would repeat a letter, or ask a person for nothing."""

from datetime import timedelta
from queue import SimpleQueue

import pytest
from django.utils import timezone

from mailer.models import Batch, Delivery
from mailer.sending.control import pause
from mailer.sending.fleet import Fleet
from mailer.sending.journal import Journal, handed, journal_folder
from mailer.sending.leases import claim, give_back, let_go, next_due, renew
from mailer.sending.outcomes import judge
from mailer.sending.parcels import Answer, NotBegun, Parcel
from mailer.sending.recording import Result, Unknown, record, record_unknown, recover
from mailer.sending.relays import configured_relay
from mailer.sending.smtp import Envelope
from mailer.sending.sweep import bury_the_dead
from mailer.sending.taking import put_back, take
from mailer.sending.wire import Reply
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(redis_server):
    return launched(3)


@pytest.fixture
def batch(campaign):
    return campaign.batches.get()


def leased(batch, owner):
    lease = claim(batch.pk, owner=owner)
    assert lease is not None
    return lease


def run_out(batch):
    Batch.objects.filter(pk=batch.pk).update(leased_until=timezone.now() - timedelta(seconds=1))


def take_all(lease):
    return take(batch_id=lease.batch_id, limit=10, owner=lease.owner)[0]


def statuses(campaign):
    return sorted(campaign.deliveries.values_list("status", "attempts"))


def taken_over(batch):
    """Somebody whose lease has run out, what they had taken, and whoever has the batch and its deliveries now."""
    first = leased(batch, "first")
    items = take_all(first)
    run_out(batch)
    second = leased(batch, "second")
    return first, items, second


def test_who_lost_the_lease_takes_nothing_back_from_whoever_has_it_now(campaign, batch):
    first, items, second = taken_over(batch)
    put_back([item.delivery_id for item in items], second)
    take_all(second)
    put_back([item.delivery_id for item in items], first)
    assert statuses(campaign) == [("sending", 1)] * 3


def test_who_lost_the_lease_takes_nothing_more(batch):
    first, _, second = taken_over(batch)
    recover(second)
    assert take_all(first) == []
    assert len(take_all(second)) == 3


def test_that_a_try_came_to_nothing_is_no_word_about_the_next_one(campaign, batch):
    _, items, second = taken_over(batch)
    recover(second)
    take_all(second)
    record_unknown([Unknown(item.delivery_id, item.attempt, "late") for item in items], second)
    assert statuses(campaign) == [("sending", 2)] * 3


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply("RCPT", 450, "4.2.1 busy"), "sending"),
        (Reply("RCPT", 550, "no"), "sending"),
        (Reply("DATA", 250, "taken"), "sent"),
    ],
)
def test_who_lost_the_lease_is_heard_only_when_the_letter_is_out(campaign, batch, reply, expected):
    """What was put back and taken again is the same try by its number: "deferred" would send it once more."""
    first, items, second = taken_over(batch)
    put_back([item.delivery_id for item in items], second)
    take_all(second)
    now = timezone.now()
    outcome = judge(reply, attempts=1, first_attempt_at=now, now=now)
    record([Result(item.delivery_id, item.attempt, outcome, "relay") for item in items], first)
    assert set(campaign.deliveries.values_list("status", flat=True)) == {expected}


def test_who_lays_letters_down_where_the_lanes_are_gone_gets_them_back(batch):
    """Two threads of a process share its lanes; when one has to give them up, the other would wait for ever."""
    item, *others = take_all(leased(batch, "first"))
    fleet = Fleet(Journal(journal_folder()), 0)
    answers: SimpleQueue[Answer] = SimpleQueue()
    parcels = [
        Parcel(each, Envelope("", "kari@example.org"), [b"."], 1, lambda: True, answers) for each in (item, *others)
    ]
    fleet.send(configured_relay(), parcels[:1])
    fleet.close(wait_seconds=0)
    fleet.send(configured_relay(), parcels[1:])
    told = [answers.get_nowait() for _ in parcels]
    assert all(isinstance(each, NotBegun) and each.fault.is_ours for each in told)


def test_a_lease_is_held_through_a_pause_for_what_is_on_the_wire(campaign, batch):
    lease = leased(batch, "first")
    pause(campaign.pk, by="torill")
    run_out(batch)
    assert renew(lease) is False
    assert Batch.objects.filter(pk=batch.pk, leased_until__gt=timezone.now()).exists()


def test_nothing_is_due_while_a_campaign_is_paused(campaign, batch):
    assert next_due(campaign.pk) == batch.pk
    pause(campaign.pk, by="torill")
    assert next_due(campaign.pk) is None


def test_a_lease_whose_confirmation_got_lost_is_ours_all_the_same(batch):
    assert claim(batch.pk, owner="first") is not None
    assert claim(batch.pk, owner="first") is not None
    assert claim(batch.pk, owner="second") is None


def test_what_was_taken_and_never_heard_of_is_not_uncertain(campaign, batch):
    lease = leased(batch, "first")
    take_all(lease)
    give_back(lease)
    recover(leased(batch, "second"))
    assert set(campaign.deliveries.values_list("status", "uncertain", "attempts")) == {("pending", 0, 0)}


def test_work_that_failed_leaves_its_name_so_that_its_journal_is_asked(campaign, batch):
    journal = Journal(journal_folder())
    lease = leased(batch, journal.name)
    on_the_wire, *_ = take_all(lease)
    journal.write(handed(on_the_wire.delivery_id, on_the_wire.attempt, "main"))
    let_go(lease)
    recover(leased(batch, "second"))
    uncertain = campaign.deliveries.filter(uncertain=1)
    assert [delivery.pk for delivery in uncertain] == [on_the_wire.delivery_id]
    assert campaign.deliveries.filter(status=Delivery.Status.PENDING, attempts=0).count() == 2


def test_a_dead_workers_journal_stays_until_whoever_took_over_has_read_it(batch, monkeypatch):
    journal = Journal(journal_folder())
    take_all(leased(batch, journal.name))
    run_out(batch)
    monkeypatch.setattr("mailer.sending.sweep.dead_journals", lambda _: [journal.name])
    lease = leased(batch, "second")
    assert bury_the_dead() == 0
    recover(lease)
    give_back(lease)
    assert bury_the_dead() == 1


def test_a_journal_is_locked_from_the_moment_it_has_its_name(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr("mailer.sending.journal.fcntl.flock", lambda *_: seen.append(list(tmp_path.glob("*.journal"))))
    Journal(tmp_path)
    assert seen == [[]]
    assert len(list(tmp_path.glob("*.journal"))) == 1
