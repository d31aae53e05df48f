import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from mailer.feedback.erasing import erase, forget_late_words, number_of_late_words
from mailer.models import Campaign, Delivery, Feedback
from mailer.sending.batches import work_batch
from mailer.sending.materialise import make_all_rows
from subscribers import custom_fields
from subscribers.importing import running
from subscribers.importing.options import Options
from subscribers.importing.sheets import Named
from subscribers.models import (
    AddressChange,
    ConsentEvent,
    Import,
    ImportRow,
    OwedMail,
    SheetPiece,
    Subscriber,
    Suppression,
)
from subscribers.privacy import PrivacyError, lift
from subscribers.signup import Asked, NewSubscriber, SignupError, add_subscriber, ask_to_subscribe, confirm, settle
from subscribers.suppression import address_hash, is_suppressed, suppress
from tests.factories import SubscriberFactory
from tests.public.delivered import launched

pytestmark = pytest.mark.django_db(transaction=True)

# Each is a word of its own that nothing else in the database has.
TRACES = (
    "kari.sletting",
    "gammel.adresse",
    "ny.adresse",
    "Slettesen",
    "Hemmelighus AS",
    "192.0.2.0",
    "<250-kari",
    "ringte oss",
)


@pytest.fixture
def kari():
    custom_fields.define("company", name_nb="firma", name_en="company")
    person = SubscriberFactory(
        address="Kari.Sletting@example.org", name="Kari Slettesen", follows=("students",), language="en", source="page"
    )
    custom_fields.set_values(person.pk, {"company": "Hemmelighus AS"}, source="cli")
    ConsentEvent.objects.create(
        subscriber=person,
        kind="added",
        source="cli",
        basis="Kari Slettesen ringte oss",
        network="192.0.2.0/24",
        detail={"address": ["k•••@e•••.org", "gammel.adresse@example.org"]},
    )
    AddressChange.objects.create(
        subscriber=person, address="ny.adresse@example.org", address_key="ny.adresse@example.org"
    )
    AddressChange.objects.create(
        subscriber=person,
        address="gammel.adresse@example.org",
        address_key="gammel.adresse@example.org",
        confirmed_at=timezone.now(),
    )
    OwedMail.objects.create(kind="link", address="KARI.sletting@example.org", detail={"name": "Slettesen"})
    OwedMail.objects.create(kind="welcome", address="x@example.org", subscriber=person, problem="kari.sletting bounced")
    _sheet(person)
    return Subscriber.objects.get(pk=person.pk)


def _sheet(person):
    made = Import.objects.create(file_name="a.csv", basis="b", status="done", finished_at=timezone.now())
    SheetPiece.objects.create(of=made, number=0, content=b"kari.sletting@example.org;Kari Slettesen")
    ImportRow.objects.create(
        of=made,
        number=1,
        outcome="changed",
        subscriber_id=person.pk,
        before={"name": "Slettesen"},
        after={"name": "Kari Slettesen"},
    )
    ImportRow.objects.create(of=made, number=2, outcome="duplicate", reason="kari.sletting@example.org is there twice")


def dump():
    """Every column of every row of every table, as text; bytes, too."""
    with connection.cursor() as cursor:
        cursor.execute("SET bytea_output = 'escape'")
        cursor.execute("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows += [f"{table}: {row[0]}" for row in cursor.fetchall()]
        cursor.execute("RESET bytea_output")
    return rows


def traces_of(*words):
    return [row[:200] for row in dump() for word in words if word.casefold() in row.casefold()]


@pytest.mark.usefixtures("redis_server")
def test_no_table_has_a_trace_of_a_person_who_was_erased(kari):
    campaign = launched()
    make_all_rows(campaign.pk)
    delivery = Delivery.objects.get(subscriber=kari)
    words = "<250-kari.sletting@example.org> ok"
    Delivery.objects.filter(pk=delivery.pk).update(reply_text=words, queue_id="kari.sletting")
    Feedback.objects.create(
        kind="bounce",
        unique_id="kari.sletting@example.org 1",
        subscriber=kari,
        source="dsn",
        detail={"to": "Slettesen"},
    )
    Campaign.objects.update(canary_addresses=["Kari.Sletting@example.org", "ola@example.org"])
    assert all(traces_of(word) for word in TRACES), "The dump must be able to find what is there."
    assert erase(kari.pk, source="cli", by="torill")
    assert traces_of(*TRACES) == []
    assert Campaign.objects.get().canary_addresses == ["ola@example.org"]


@pytest.mark.usefixtures("redis_server")
def test_what_waits_for_the_person_is_skipped_and_the_sum_still_adds_up(kari):
    SubscriberFactory()
    campaign = launched()
    make_all_rows(campaign.pk)
    erase(kari.pk, source="cli")
    rows = Delivery.objects.filter(campaign=campaign)
    assert dict(rows.values_list("status", "skip_reason")) == {"skipped": "erased", "pending": ""}
    assert rows.count() == campaign.recipients == 2


def test_every_address_of_theirs_is_kept_as_a_hash_and_nobody_else_s(kari):
    SubscriberFactory(address="ny.adresse@example.org")
    erase(kari.pk, source="cli")
    assert is_suppressed("kari.sletting@example.org")
    assert is_suppressed("gammel.adresse@example.org")
    assert not is_suppressed("ny.adresse@example.org")
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"erased"}


def test_an_address_that_is_somebody_else_s_now_stays_theirs(kari):
    SubscriberFactory(address="gammel.adresse@example.org")
    erase(kari.pk, source="cli")
    assert not is_suppressed("gammel.adresse@example.org")


def test_the_log_still_proves_when_and_to_which_words_somebody_consented(kari):
    ConsentEvent.objects.create(subscriber=kari, kind="confirmed", source="page", version="2026-11", basis="Yes")
    before = list(kari.consent_events.values_list("kind", "source", "version", "at"))
    erase(kari.pk, source="cli", by="torill")
    after = list(kari.consent_events.values_list("kind", "source", "version", "at"))
    assert after[:-1] == before
    assert (after[-1][0], after[-1][1]) == ("erased", "cli")
    assert not any(kari.consent_events.exclude(kind="erased").values_list("basis", "network", "by").distinct().get())


def test_no_editor_brings_them_back_and_a_lifted_hash_lets_them_sign_up_themselves(kari):
    erase(kari.pk, source="cli")
    with pytest.raises(SignupError, match="suppressed"):
        add_subscriber(NewSubscriber(address="kari.sletting@example.org"))
    assert lift("Kari.Sletting@example.org")
    assert not is_suppressed("kari.sletting@example.org")
    assert not lift("kari.sletting@example.org")


def test_they_come_back_by_their_own_confirmation_and_an_import_can_not_use_the_meantime(kari):
    erase(kari.pk, source="cli")
    ask_to_subscribe(Asked("kari.sletting@example.org"))
    settled = settle(OwedMail.objects.get(kind="signup"))
    assert settled is not None
    sheet = Named(io.BytesIO(b"E-post\nkari.sletting@example.org\n"), "x.csv")
    summary = running.run(running.begin(sheet, Options(), basis="They asked for it at the fair.").pk)
    assert [row.kept for row in summary.told] == ["suppressed-erased"]
    assert settled.asked_event is not None
    confirm(settled.person.pk, settled.asked_event)
    person = Subscriber.objects.get(address_key="kari.sletting@example.org")
    assert (person.status, person.pk == kari.pk) == ("active", False)
    assert not is_suppressed("kari.sletting@example.org")


def test_a_hash_that_is_there_for_another_reason_is_not_lifted():
    suppress("kari@example.org", Suppression.Reason.COMPLAINED)
    with pytest.raises(PrivacyError, match="complained"):
        lift("kari@example.org")


def test_twice_or_at_the_same_moment_or_for_nobody_is_once(kari):
    def once(_number):
        done = erase(kari.pk, source="cli")
        connection.close()
        return done

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(once, range(2))) == [False, True]
    assert not erase(2**60, source="cli")
    assert kari.consent_events.filter(kind="erased").count() == 1


@pytest.mark.usefixtures("redis_server")
def test_what_a_relay_says_about_them_afterwards_is_forgotten(kari):
    campaign = launched()
    make_all_rows(campaign.pk)
    erase(kari.pk, source="cli")
    Delivery.objects.update(reply_text="<kari.sletting@example.org> ok")
    assert (number_of_late_words(), forget_late_words(), forget_late_words(), number_of_late_words()) == (1, 1, 0, 0)
    assert traces_of(*TRACES) == []


def test_the_hash_in_the_row_is_of_nothing(kari):
    erase(kari.pk, source="cli")
    kari.refresh_from_db()
    assert bytes(kari.address_hash) not in {address_hash("kari.sletting@example.org"), address_hash(kari.address_key)}
    assert (kari.status, kari.address, kari.interest_ids, kari.fields) == ("erased", kari.address_key, [], {})
    assert kari.domain == "erased.invalid"


@pytest.mark.usefixtures("redis_server")
def test_rows_that_are_made_after_they_were_erased_know_nobody_and_get_nothing(kari, smtp_sink):
    SubscriberFactory(address="ola@example.org")
    campaign = launched()
    erase(kari.pk, source="cli")
    for batch in campaign.batches.all():
        work_batch(batch.pk)
    assert [message.recipients for message in smtp_sink.messages] == [["ola@example.org"]]
    row = Delivery.objects.get(subscriber=kari)
    assert (row.status, row.skip_reason) == ("skipped", "erased")
    assert traces_of(*TRACES) == []
