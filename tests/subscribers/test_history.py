from datetime import timedelta

import pytest
from django.utils import timezone

from subscribers.history import Happening, consent_log, history
from subscribers.models import ConsentEvent, Subscriber
from subscribers.preferences import Choices, choose
from tests.factories import SubscriberFactory, make_interests

pytestmark = pytest.mark.django_db


def a_person() -> Subscriber:
    return Subscriber.objects.get(pk=SubscriberFactory().pk)


def test_it_tells_in_the_order_of_time_with_what_others_know():
    make_interests()
    kari = a_person()
    ConsentEvent.objects.create(
        subscriber=kari,
        kind="asked",
        source="page",
        basis="Yes, send me",
        detail={"interests": ["students", "businesses"]},
    )
    choose(kari.pk, Choices(interests=("students",), language="en"), source="page")
    later = Happening(at=timezone.now() + timedelta(minutes=1), what="Was sent the letter", detail="Uke 45")
    told = history(kari, [later])
    assert [row.what for row in told] == [
        "Asked for the letter, and was sent a link to confirm it",
        "Something was changed",
        "Was sent the letter",
    ]
    assert told[0].detail == "Yes, send me; interests: students, businesses"
    assert set(told[1].detail.split("; ")) == {"interests: everything → students", "language: nb → en"}


@pytest.mark.parametrize("kind", ConsentEvent.Kind.values)
def test_every_kind_of_event_has_its_sentence(kind):
    kari = a_person()
    ConsentEvent.objects.create(subscriber=kari, kind=kind, source="cli")
    assert history(kari)[0].what


def test_the_log_is_whole_as_proof():
    kari = a_person()
    ConsentEvent.objects.create(
        subscriber=kari,
        kind="confirmed",
        source="page",
        basis="Yes",
        version="2026-11",
        network="192.0.2.0/24",
        by="torill",
    )
    (row,) = consent_log(kari)
    assert {row["basis"], row["version"], row["network"], row["by"]} == {"Yes", "2026-11", "192.0.2.0/24", "torill"}
