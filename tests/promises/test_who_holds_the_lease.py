"""Races of leases, journals and late answers, one step at a time: each of these would repeat a letter, or ask a person for nothing."""

from datetime import timedelta
from queue import SimpleQueue

import pytest
from django.utils import timezone

from mailer.models import Batch, Delivery
from mailer.sending.burying import bury_the_dead
from mailer.sending.control import pause
from mailer.sending.fleet import Fleet
from mailer.sending.journal import Journal, answered, dead_journals, handed, journal_folder, remove_journal
from mailer.sending.leases import claim, give_back, let_go, next_due, renew
from mailer.sending.outcomes import judge
from mailer.sending.parcels import Answer, NotBegun, Parcel
from mailer.sending.recording import Result, Unknown, record, record_unknown, recover
from mailer.sending.relays import configured_relay
from mailer.sending.smtp import Envelope
from mailer.sending.taking import make_and_take, put_back, take
from mailer.sending.wire import Reply
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(redis_server):
    return launched(3)


@pytest.fixture
def batch(campaign):
    return campaign.batches.get()


@pytest.fixture
def dead():
    """The journal of a process that is gone: nobody has locked it."""
    file = journal_folder() / "dead.journal"
    file.parent.mkdir(parents=True, exist_ok=True)
    # Those of workers that tests before had killed would be buried too, and counted.
    for left in dead_journals(file.parent):
        remove_journal(file.parent, left)
    file.touch()
    yield file
    file.unlink(missing_ok=True)


def leased(batch, owner):
    lease = claim(batch.pk, owner=owner)
    assert lease is not None
    return lease


def run_out(batch, *, seconds_ago=3600):
    Batch.objects.filter(pk=batch.pk).update(leased_until=timezone.now() - timedelta(seconds=seconds_ago))


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


def test_a_refusal_of_us_in_a_dead_workers_journal_is_blamed_on_no_reader(campaign, batch):
    journal = Journal(journal_folder())
    refused, *_ = take_all(leased(batch, journal.name))
    journal.write(answered(refused.delivery_id, refused.attempt, "main", Reply("MAIL", 550, "5.7.1 not you")))
    run_out(batch)
    recover(leased(batch, "second"))
    assert set(campaign.deliveries.values_list("status", flat=True)) == {"pending"}
    # Its next try has another number: what the journal tells of this one is no word about that.
    assert campaign.deliveries.get(pk=refused.delivery_id).attempts == 1
    assert campaign.deliveries.filter(attempts=0).count() == 2


def test_a_dead_workers_journal_stays_until_whoever_took_over_has_read_it(batch, monkeypatch):
    journal = Journal(journal_folder())
    take_all(leased(batch, journal.name))
    run_out(batch)
    lease = leased(batch, "second")
    monkeypatch.setattr("mailer.sending.burying.dead_journals", lambda _: [journal.name])
    assert bury_the_dead() == 0
    recover(lease)
    assert bury_the_dead() == 1


def test_who_took_over_and_died_before_it_settled_anything_is_not_the_one_who_is_asked(campaign, batch, settings):
    settings.UNCERTAIN = "hold"
    take_all(leased(batch, "lost with its machine"))
    run_out(batch)
    leased(batch, Journal(journal_folder()).name)
    run_out(batch)
    recover(leased(batch, "third"))
    assert statuses(campaign) == [("uncertain", 1)] * 3


def test_what_is_settled_is_settled_and_the_next_to_die_is_asked_for_what_it_took_itself(campaign, batch):
    take_all(leased(batch, "lost with its machine"))
    run_out(batch)
    second = leased(batch, Journal(journal_folder()).name)
    recover(second)
    assert len(take_all(second)) == 3
    run_out(batch)
    recover(leased(batch, "third"))
    # Its journal is here and names none of them: they were never begun for a second time.
    assert statuses(campaign) == [("pending", 1)] * 3


def test_who_takes_over_a_batch_without_rows_and_dies_is_asked_for_those_it_made(redis_server):
    campaign = launched(3, made=False)
    batch = campaign.batches.get()
    leased(batch, "lost with its machine")
    run_out(batch)
    second = leased(batch, Journal(journal_folder()).name)
    recover(second)
    make_and_take(second, 10)
    run_out(batch)
    recover(leased(batch, "third"))
    assert statuses(campaign) == [("pending", 0)] * 3


def test_a_lease_that_ran_out_is_free_at_once_where_its_journal_lies_and_later_elsewhere(batch, settings):
    here = Journal(journal_folder())
    leased(batch, "elsewhere")
    run_out(batch, seconds_ago=settings.LEASE_GRACE_SECONDS - 5)
    assert claim(batch.pk, owner="second") is None
    assert next_due(batch.campaign_id) is None
    Batch.objects.update(lease_owner=here.name)
    assert next_due(batch.campaign_id) == batch.pk
    assert claim(batch.pk, owner="second") is not None


def test_a_machine_that_is_lost_holds_a_batch_up_for_no_longer_than_the_grace(batch, settings):
    leased(batch, "elsewhere")
    run_out(batch, seconds_ago=settings.LEASE_GRACE_SECONDS + 1)
    assert next_due(batch.campaign_id) == batch.pk
    assert leased(batch, "second").previous_owner == "elsewhere"


@pytest.mark.parametrize("state", ["sending", "paused"])
def test_the_home_of_the_dead_settles_before_the_lease_has_run_out(campaign, batch, dead, state):
    told, on_the_wire, untouched = take_all(leased(batch, dead.name))
    campaign.__class__.objects.update(status=state)
    with dead.open("a") as journal:
        journal.write(answered(told.delivery_id, 1, "main", Reply("DATA", 250, "2.0.0 queued as 4XyZ")))
        journal.write(handed(on_the_wire.delivery_id, 1, "main"))
    assert bury_the_dead() == 1
    found = dict(campaign.deliveries.values_list("pk", "status"))
    assert found == {told.delivery_id: "sent", on_the_wire.delivery_id: "pending", untouched.delivery_id: "pending"}
    assert set(campaign.deliveries.values_list("pk").filter(uncertain=1)) == {(on_the_wire.delivery_id,)}
    batch.refresh_from_db()
    assert (batch.lease_owner, batch.previous_owner, batch.leased_until) == ("", "", None)
    assert batch.due_at is not None


def test_a_batch_without_rows_that_a_dead_worker_had_leased_is_as_due_as_it_was(redis_server, dead):
    campaign = launched(3, made=False)
    leased(campaign.batches.get(), dead.name)
    assert bury_the_dead() == 1
    assert next_due(campaign.pk) == campaign.batches.get().pk


def test_the_home_of_the_first_settles_too_when_whoever_took_over_elsewhere_died_before_it_did(campaign, batch, dead):
    told, *_ = take_all(leased(batch, dead.name))
    with dead.open("a") as journal:
        journal.write(answered(told.delivery_id, 1, "main", Reply("DATA", 250, "2.0.0 queued as 4XyZ")))
    run_out(batch)
    leased(batch, "elsewhere")
    assert bury_the_dead() == 0
    assert campaign.deliveries.filter(status="sending").count() == 3
    run_out(batch, seconds_ago=1)
    assert bury_the_dead() == 1
    assert statuses(campaign) == [("pending", 0), ("pending", 0), ("sent", 1)]


def test_a_journal_is_locked_from_the_moment_it_has_its_name(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr("mailer.sending.journal.fcntl.flock", lambda *_: seen.append(list(tmp_path.glob("*.journal"))))
    Journal(tmp_path)
    assert seen == [[]]
    assert len(list(tmp_path.glob("*.journal"))) == 1
