import pytest

from subscribers.models import ConsentEvent, Subscriber, Suppression
from subscribers.signup import NewSubscriber, SignupError, add_subscriber
from subscribers.suppression import suppress
from tests.factories import SubscriberFactory, make_interests

pytestmark = pytest.mark.django_db

KARI = NewSubscriber(
    address="Kari@Example.org", name=" Kari\n Nordmann", interests=("students",), basis="asked at the fair"
)


def test_an_added_person_is_active_and_the_consent_is_written_down():
    make_interests()
    kari = add_subscriber(KARI)
    assert (kari.status, kari.name, kari.address) == ("active", "Kari Nordmann", "Kari@example.org")
    assert [i.slug for i in kari.interests.all()] == ["students"]
    event = kari.consent_events.get()
    assert (event.kind, event.basis) == (ConsentEvent.Kind.ADDED, "asked at the fair")


def test_the_same_address_in_another_case_is_refused():
    make_interests()
    SubscriberFactory(address="kari@example.org")
    with pytest.raises(SignupError, match="on the list already, as active"):
        add_subscriber(KARI)


def test_a_suppressed_address_is_never_added():
    make_interests()
    suppress("kari@example.org", Suppression.Reason.COMPLAINED)
    with pytest.raises(SignupError, match="suppressed"):
        add_subscriber(KARI)
    assert not Subscriber.objects.exists()


def test_an_unknown_interest_is_named_with_those_there_are():
    make_interests()
    with pytest.raises(SignupError, match=r"no interest 'reindeer'.*students"):
        add_subscriber(NewSubscriber(address="kari@example.org", interests=("reindeer",)))
    assert not Subscriber.objects.exists()
