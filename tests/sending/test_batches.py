import pytest
from django.utils import timezone

from mailer.models import Batch, Delivery
from mailer.sending import batches, handover, leases
from mailer.sending.dispatch import queue_batches
from mailer.sending.headers import Mailbox
from mailer.sending.health import configured_health
from mailer.sending.journal import Journal, answered, handed, journal_folder
from mailer.sending.launch import create_campaign, launch
from mailer.sending.materialise import make_all_rows
from mailer.sending.planning import Order
from mailer.sending.relays import configured_relay
from mailer.sending.states import change_status
from mailer.sending.taking import take
from mailer.sending.wire import Reply
from subscribers.audiences import Audience
from subscribers.models import Subscriber, Suppression
from subscribers.suppression import suppress
from tests.factories import SubscriberFactory, make_issue
from tests.promises.campaign import end_leases, launched

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(redis_server, smtp_sink):
    issue = make_issue()
    for name, follows in [("kari", ("students",)), ("jonas", ("entrepreneurs",)), ("ola", ())]:
        SubscriberFactory(address=f"{name}@example.org", name=name.title(), follows=follows)
    campaign = create_campaign(Order(issue, Audience(), Mailbox("SVU", "brev@example.org"), by="torill", again=True))
    launch(campaign.pk, by="torill")
    make_all_rows(campaign.pk)
    return campaign


def work(campaign):
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    campaign.refresh_from_db()


def outcomes(campaign):
    return {d.address.partition("@")[0]: (d.status, d.reply_code) for d in campaign.deliveries.all()}


def test_everyone_gets_it_and_the_campaign_ends(campaign, smtp_sink):
    work(campaign)
    assert outcomes(campaign) == {"kari": ("sent", 250), "jonas": ("sent", 250), "ola": ("sent", 250)}
    assert campaign.status == "sent"
    assert campaign.finished_at is not None
    assert len(smtp_sink.messages) == 3


def test_a_turn_of_several_batches_ends_the_campaign_by_itself(redis_server, smtp_sink, monkeypatch):
    monkeypatch.setattr("mailer.sending.materialise.BATCH_SIZE", 2)
    campaign = launched(7)
    assert campaign.batches.count() == 4
    batches.take_turn()
    campaign.refresh_from_db()
    assert campaign.status == "sent"
    assert len(smtp_sink.messages) == 7


def test_what_the_journal_of_a_dead_worker_has_an_answer_for_is_not_sent_again(campaign, smtp_sink):
    journal = Journal(journal_folder())
    told, on_the_wire, untouched = died_after_taking(campaign, journal)
    journal.write(handed(told.delivery_id, 1, "main"))
    journal.write(answered(told.delivery_id, 1, "main", Reply("DATA", 250, "2.0.0 queued as 4XyZ")))
    journal.write(handed(on_the_wire.delivery_id, 1, "main"))
    work(campaign)
    assert smtp_sink.messages_to(told.address) == []
    assert len(smtp_sink.messages_to(on_the_wire.address)) == 1
    assert len(smtp_sink.messages_to(untouched.address)) == 1
    assert campaign.deliveries.get(pk=told.delivery_id).queue_id == "4XyZ"
    uncertain = dict(campaign.deliveries.values_list("pk", "uncertain"))
    assert uncertain == {told.delivery_id: 0, on_the_wire.delivery_id: 1, untouched.delivery_id: 0}
    assert campaign.status == "sent"


def died_after_taking(campaign, journal):
    """What a worker that was killed leaves: a lease that runs out, and deliveries marked as on the wire."""
    (batch,) = campaign.batches.all()
    leases.claim(batch.pk, owner=journal.name)
    taken, _ = take(batch_id=campaign.batches.get().pk, limit=10)
    end_leases()
    return [item.recipient for item in taken]


def test_what_was_on_the_wire_is_left_for_a_person_when_that_is_set(campaign, smtp_sink, settings):
    settings.UNCERTAIN = "hold"
    journal = Journal(journal_folder())
    on_the_wire, *_ = died_after_taking(campaign, journal)
    journal.write(handed(on_the_wire.delivery_id, 1, "main"))
    work(campaign)
    held = campaign.deliveries.get(pk=on_the_wire.delivery_id)
    assert held.status == "uncertain"
    assert "died before the relay main had answered" in held.reply_text
    assert smtp_sink.messages_to(on_the_wire.address) == []
    assert campaign.status == "sending"
    assert "1 may or may not have got it" in campaign.held_because


def test_what_a_machine_that_is_gone_had_taken_is_uncertain(campaign, smtp_sink):
    journal = Journal(journal_folder())
    taken = died_after_taking(campaign, journal)
    (journal_folder() / journal.name).unlink()
    work(campaign)
    assert set(campaign.deliveries.values_list("status", "uncertain")) == {("sent", 1)}
    assert len(smtp_sink.messages) == len(taken)


def test_a_journal_of_an_earlier_try_says_nothing_of_this_one(campaign, smtp_sink):
    (item, *_), _ = take(batch_id=campaign.batches.get().pk, limit=10)
    Delivery.objects.filter(pk=item.recipient.delivery_id).update(attempts=2)
    Journal(journal_folder()).write(answered(item.recipient.delivery_id, 1, "main", Reply("DATA", 250, "ok")))
    work(campaign)
    assert len(smtp_sink.messages_to(item.recipient.address)) == 1


def test_a_pause_stops_a_batch_under_way_and_a_resume_goes_on(campaign, smtp_sink, monkeypatch, settings):
    monkeypatch.setattr(handover, "LOOK_SECONDS", 0.0)
    pauses: list[object] = []

    def pause_when_one_is_through(lease):
        if smtp_sink.messages and not pauses:
            pauses.append(lease)
            change_status(campaign.pk, campaign.Status.PAUSED, by="torill")
        return renew(lease)

    renew = batches.renew
    monkeypatch.setattr(batches, "renew", pause_when_one_is_through)
    for name in ("kari", "jonas", "ola"):
        smtp_sink.dawdle(f"{name}@example.org", 0.3)
    settings.SMTP_URL = f"{smtp_sink.url}?connections=1"
    work(campaign)
    before = len(smtp_sink.messages)
    assert 0 < before < 3
    assert set(campaign.deliveries.values_list("status", flat=True)) == {"sent", "pending"}
    change_status(campaign.pk, campaign.Status.SENDING, by="torill")
    work(campaign)
    assert sorted(len(smtp_sink.messages_to(d.address)) for d in campaign.deliveries.all()) == [1, 1, 1]


def test_a_worker_that_is_told_to_stop_puts_back_what_it_has_not_begun(campaign, smtp_sink, monkeypatch, settings):
    settings.SMTP_URL = f"{smtp_sink.url}?connections=1"
    monkeypatch.setattr(handover, "is_stopping", lambda: len(smtp_sink.messages) >= 1)
    work(campaign)
    assert 1 <= len(smtp_sink.messages) < 3
    assert campaign.deliveries.filter(status="sending").count() == 0
    monkeypatch.setattr(handover, "is_stopping", lambda: False)
    work(campaign)
    assert len(smtp_sink.messages) == 3


def test_running_a_batch_twice_sends_nothing_twice(campaign, smtp_sink):
    work(campaign)
    work(campaign)
    assert len(smtp_sink.messages) == 3


def test_a_batch_leased_by_another_is_left_alone(campaign, smtp_sink):
    (batch,) = campaign.batches.all()
    assert leases.claim(batch.pk, owner="another") is not None
    assert leases.claim(batch.pk, owner="a third") is None
    work(campaign)
    assert smtp_sink.messages == []


def test_a_batch_whose_worker_died_is_taken_over_when_its_lease_has_run_out(campaign, smtp_sink):
    (batch,) = campaign.batches.all()
    leases.claim(batch.pk, owner="dead")
    end_leases()
    work(campaign)
    assert len(smtp_sink.messages) == 3


def test_what_a_dead_worker_had_on_the_wire_goes_again_with_the_same_message_id(campaign, smtp_sink):
    kari = campaign.deliveries.get(address="kari@example.org")
    leases.claim(campaign.batches.get().pk, owner="a machine that is gone")
    take(batch_id=kari.batch_id, limit=10)
    end_leases()
    kari.refresh_from_db()
    assert kari.status == "sending"
    first = kari.first_attempt_at
    work(campaign)
    (message,) = smtp_sink.messages_to("kari@example.org")
    assert message.parsed()["Message-ID"].startswith(f"<{campaign.pk}.{kari.pk}.")
    kari.refresh_from_db()
    assert (kari.status, kari.attempts, kari.first_attempt_at) == ("sent", 2, first)


@pytest.mark.parametrize("status", ["unsubscribed", "bounced", "complained", "pending"])
def test_who_left_after_launch_gets_nothing_and_the_reason_is_kept(campaign, smtp_sink, status):
    Subscriber.objects.filter(address="kari@example.org").update(status=status)
    work(campaign)
    kari = campaign.deliveries.get(address="kari@example.org")
    assert (kari.status, kari.skip_reason) == ("skipped", status)
    assert smtp_sink.messages_to("kari@example.org") == []
    assert campaign.status == "sent"


def test_who_was_suppressed_after_launch_gets_nothing(campaign, smtp_sink):
    suppress("kari@example.org", Suppression.Reason.COMPLAINED)
    work(campaign)
    assert campaign.deliveries.get(address="kari@example.org").skip_reason == "suppressed"
    assert smtp_sink.messages_to("kari@example.org") == []


def test_one_refused_recipient_never_blocks_or_repeats_the_others(campaign, smtp_sink):
    smtp_sink.refuse("kari@example.org", "550 5.1.1 no such user")
    work(campaign)
    work(campaign)
    assert outcomes(campaign) == {"kari": ("failed", 550), "jonas": ("sent", 250), "ola": ("sent", 250)}
    assert len(smtp_sink.messages) == 2
    assert campaign.status == "sent"


def test_a_temporary_refusal_is_tried_again_when_it_is_due(campaign, smtp_sink):
    smtp_sink.refuse("kari@example.org", "450 4.2.1 try later", times=1)
    work(campaign)
    assert outcomes(campaign)["kari"] == ("deferred", 450)
    assert campaign.status == "sending"
    assert queue_batches() == 0
    Delivery.objects.filter(status="deferred").update(next_attempt_at=timezone.now())
    Batch.objects.update(due_at=timezone.now())
    work(campaign)
    assert outcomes(campaign)["kari"] == ("sent", 250)
    assert campaign.status == "sent"


@pytest.mark.parametrize("moment", ["recipient", "content", "end"])
def test_a_relay_that_hangs_up_blames_no_reader_and_is_called_again(campaign, smtp_sink, moment):
    smtp_sink.hang_up("kari@example.org", at=moment)
    work(campaign)
    # Where the relay may have it, the outcome was "nobody knows", and the batch is due again at once.
    work(campaign)
    assert campaign.status == "sent"
    assert set(outcomes(campaign).values()) == {("sent", 250)}
    assert campaign.held_because == ""
    copies = {m.parsed()["Message-ID"] for m in smtp_sink.messages_to("kari@example.org")}
    assert len(copies) == 1


def test_a_recipient_at_whom_the_relay_always_hangs_up_is_tried_later_and_keeps_nobody_waiting(campaign, smtp_sink):
    smtp_sink.hang_up("kari@example.org", at="recipient", times=None)
    work(campaign)
    assert outcomes(campaign) == {"kari": ("deferred", 421), "jonas": ("sent", 250), "ola": ("sent", 250)}


def test_a_relay_that_takes_a_letter_and_never_says_so_does_not_get_it_again_and_again(campaign, smtp_sink):
    smtp_sink.hang_up("kari@example.org", at="end", times=None)
    for _ in range(8):
        configured_health().report_up(configured_relay())
        Delivery.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
        Batch.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
        work(campaign)
    kari = campaign.deliveries.get(address="kari@example.org")
    assert (kari.status, kari.uncertain) == ("uncertain", 5)
    assert "broke off" in kari.reply_text


def test_a_relay_that_is_down_holds_the_batch_and_nobody_is_tried(campaign, settings):
    settings.SMTP_URL = "smtp://127.0.0.1:1?timeout=2"
    work(campaign)
    assert set(outcomes(campaign).values()) == {("pending", None)}
    assert "127.0.0.1:1 can't be used" in campaign.held_because


def test_a_paused_campaign_sends_nothing(campaign, smtp_sink):
    change_status(campaign.pk, campaign.Status.PAUSED, by="torill")
    work(campaign)
    assert smtp_sink.messages == []


def test_settings_that_no_message_can_be_made_with_hold_the_campaign_and_blame_no_reader(campaign, smtp_sink, settings):
    settings.MAIL_BOUNCES_TO = "no address"
    work(campaign)
    assert set(outcomes(campaign).values()) == {("pending", None)}
    assert "The sender can't be used" in campaign.held_because


def test_a_letter_that_this_worker_is_too_old_for_holds_the_campaign(campaign, smtp_sink):
    from mailer.models import Variant
    from mailer.rendering.compiled import CompiledLetter

    for variant in campaign.variants.all():
        letter = CompiledLetter.from_bytes(bytes(variant.compiled))
        newer = CompiledLetter((*letter.pieces, b"."), (*letter.gaps, ("OF_TOMORROW", "text"))).to_bytes()
        Variant.objects.filter(pk=variant.pk).update(compiled=newer)
    work(campaign)
    assert set(outcomes(campaign).values()) == {("pending", None)}
    assert "OF_TOMORROW" in campaign.held_because
    assert smtp_sink.messages == []
