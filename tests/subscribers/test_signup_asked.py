import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from subscribers.addresses import AddressError
from subscribers.limits import MemoryCounters, TooManyError, use
from subscribers.models import ConsentEvent, OwedMail, Subscriber, Suppression
from subscribers.preferences import unsubscribe
from subscribers.signup import Asked, SignupError, StaleLinkError, ask_to_subscribe, confirm, settle
from subscribers.suppression import is_suppressed, suppress
from tests.factories import SubscriberFactory, make_interests

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counters():
    use(MemoryCounters())
    make_interests()


def settled_of(owed: OwedMail) -> Any:
    """Whom a sign-up is about, for tests that know that there is somebody."""
    return settle(owed)


def asked(address: str = "kari@example.com", **more: Any) -> OwedMail:
    ask_to_subscribe(Asked(address, organisation="SVU", network="192.0.2.0/24", **more))
    return OwedMail.objects.latest("pk")


def test_somebody_new_becomes_pending_and_only_a_yes_puts_them_onto_the_list():
    settled = settled_of(asked(name="Kari", interests=("students",), language="en", form="embedded"))
    person = settled.person
    assert (person.status, person.source, person.name, person.language) == ("pending", "embedded", "", "en")
    confirm(person.pk, settled.asked_event, network="198.51.100.0/24")
    person.refresh_from_db()
    assert (person.status, person.name) == ("active", "Kari")
    assert person.confirmed_at is not None
    assert [interest.slug for interest in person.interests.all()] == ["students"]
    assert len(person.interest_ids) == 1


def test_the_log_proves_the_words_their_edition_the_network_and_the_form():
    settled = settled_of(asked(interests=("students",), form="embedded", edition="2026-11"))
    confirm(settled.person.pk, settled.asked_event, network="198.51.100.0/24")
    first, second = ConsentEvent.objects.order_by("pk")
    assert (first.kind, first.source, first.version, first.network) == ("asked", "embedded", "2026-11", "192.0.2.0/24")
    assert first.basis.startswith("Ja, send meg ukebrevet fra SVU på e-post.")
    assert (second.kind, second.basis, second.network) == ("confirmed", first.basis, "198.51.100.0/24")


def test_an_edition_that_nobody_wrote_counts_as_the_current_one():
    settled = settled_of(asked(edition="1999-01"))
    assert ConsentEvent.objects.get(pk=settled.asked_event).version == "2026-11"


def test_confirming_twice_changes_nothing_and_owes_one_welcome():
    settled = settled_of(asked())
    for _ in range(2):
        confirm(settled.person.pk, settled.asked_event)
    assert ConsentEvent.objects.filter(kind="confirmed").count() == 1
    assert OwedMail.objects.filter(kind="welcome").count() == 1


def test_settling_again_after_a_relay_was_away_logs_nothing_twice():
    owed = asked()
    assert settle(owed) == settle(OwedMail.objects.get(pk=owed.pk))
    assert ConsentEvent.objects.count() == 1


def test_who_gets_it_already_is_not_changed_by_what_a_stranger_types():
    kari = SubscriberFactory(address="kari@example.com", name="Kari", follows=("students",))
    settled = settled_of(asked("KARI@example.com", name="Spam", interests=("businesses",), language="en"))
    assert (settled.person, settled.asked_event) == (kari, None)
    kari.refresh_from_db()
    assert (kari.name, kari.language, [i.slug for i in kari.interests.all()]) == ("Kari", "nb", ["students"])
    assert not ConsentEvent.objects.exists()


@pytest.mark.parametrize("status", ["unsubscribed", "bounced"])
def test_who_left_comes_back_by_their_own_yes_only(status):
    kari = SubscriberFactory(address="kari@example.com", status=status)
    settled = settled_of(asked(interests=("students",)))
    kari.refresh_from_db()
    assert kari.status == status
    assert confirm(kari.pk, settled.asked_event).status == "active"


@pytest.mark.parametrize("reason", ["complained", "blocked"])
def test_nobody_who_complained_or_is_barred_is_written_to(reason):
    suppress("kari@example.com", Suppression.Reason(reason))
    assert settle(asked()) is None
    assert not Subscriber.objects.exists()


def test_who_was_erased_comes_back_by_their_own_yes_and_by_nothing_less():
    suppress("kari@example.com", Suppression.Reason.ERASED)
    settled = settled_of(asked())
    assert settled.person.status == "pending"
    assert is_suppressed("kari@example.com")
    assert confirm(settled.person.pk, settled.asked_event).status == "active"
    assert not is_suppressed("kari@example.com")


@pytest.mark.parametrize("reason", ["complained", "blocked"])
def test_who_was_barred_after_asking_can_not_confirm(reason):
    settled = settled_of(asked())
    suppress("kari@example.com", Suppression.Reason(reason))
    with pytest.raises(StaleLinkError):
        confirm(settled.person.pk, settled.asked_event)
    assert is_suppressed("kari@example.com")


def test_who_complained_is_not_written_to():
    SubscriberFactory(address="kari@example.com", status="complained")
    assert settle(asked()) is None


def test_a_link_from_before_they_left_brings_nobody_back():
    settled = settled_of(asked())
    confirm(settled.person.pk, settled.asked_event)
    unsubscribe(settled.person.pk, source="one-click")
    with pytest.raises(StaleLinkError):
        confirm(settled.person.pk, settled.asked_event)
    assert Subscriber.objects.get().status == "unsubscribed"


def test_who_says_no_before_they_said_yes_stays_off():
    settled = settled_of(asked())
    unsubscribe(settled.person.pk, source="page")
    with pytest.raises(StaleLinkError):
        confirm(settled.person.pk, settled.asked_event)


def test_one_persons_event_confirms_nobody_else():
    mine, theirs = settled_of(asked("kari@example.com")), settled_of(asked("ola@example.com"))
    with pytest.raises(StaleLinkError):
        confirm(theirs.person.pk, mine.asked_event)


def test_the_same_work_is_done_for_the_known_and_the_unknown():
    SubscriberFactory(address="known@example.com")
    SubscriberFactory(address="left@example.com", status="unsubscribed")
    suppress("never@example.com", Suppression.Reason.ERASED)
    done = []
    for name in ("new", "known", "left", "never"):
        with CaptureQueriesContext(connection) as queries:
            asked(f"{name}@example.com")
        done.append([query["sql"].partition("VALUES")[0][:60] for query in queries])
    assert done[0] == done[1] == done[2] == done[3]


def test_the_same_work_is_done_for_who_was_written_to_within_the_hour():
    done = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            asked()
        done.append([query["sql"].partition("VALUES")[0][:60] for query in queries])
    assert done[0] == done[1]
    owed = OwedMail.objects.get(due_at=None)
    assert (owed.outcome, owed.address, owed.detail) == ("not-needed", "", {})


def test_an_address_is_written_to_once_an_hour_and_the_answer_is_the_same():
    for _ in range(1000):
        ask_to_subscribe(Asked("kari@example.com", network=f"10.{time.time_ns() % 250}.0.0/24-{time.time_ns()}"))
    assert OwedMail.objects.exclude(due_at=None).count() == 1


def test_a_network_that_signs_up_very_many_is_stopped():
    for number in range(20):
        asked(f"kari{number}@example.com")
    with pytest.raises(TooManyError):
        asked("kari20@example.com")
    assert OwedMail.objects.count() == 20


@pytest.mark.parametrize("address", ["", "kari", "kari@@example.com", "a b@example.com", "x" * 320 + "@example.com"])
def test_what_is_no_address_is_refused_before_anything_is_kept(address):
    with pytest.raises(AddressError):
        asked(address)
    assert not OwedMail.objects.exists()


def test_an_interest_or_a_language_that_is_none_is_refused():
    with pytest.raises(SignupError):
        asked(interests=("nothing",))
    with pytest.raises(SignupError):
        asked(language="xx")


def test_a_name_is_kept_as_one_line_and_never_as_code():
    settled = settled_of(asked(name="<b>Kari</b>\r\nBcc: x@example.com\x00"))
    assert confirm(settled.person.pk, settled.asked_event).name == "<b>Kari</b> Bcc: x@example.com"
