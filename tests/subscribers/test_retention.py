from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

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
from subscribers.retention import Periods, run
from subscribers.suppression import is_suppressed, suppress
from tests.factories import SubscriberFactory

pytestmark = pytest.mark.django_db

TWO_YEARS = Periods(erase_unsubscribed_months=24)


def ago(days):
    return timezone.now() - timedelta(days=days)


def standing(status, days):
    person = SubscriberFactory(status=status)
    Subscriber.objects.filter(pk=person.pk).update(status_changed_at=ago(days))
    return person


def numbers(periods=None, erase=None, **how):
    return {
        outcome.rule: outcome.number for outcome in run(erase or int, periods or Periods(), **how) if outcome.number
    }


def test_the_pending_are_reminded_once_after_three_days():
    standing("pending", 2)
    waiting = standing("pending", 4)
    standing("active", 4)
    assert numbers() == {"remind": 1}
    assert numbers() == {}
    owed = OwedMail.objects.get()
    assert (owed.kind, owed.subscriber, owed.address, owed.outcome) == ("reminder", waiting, waiting.address, "")
    assert owed.due_at is not None
    assert list(ConsentEvent.objects.values_list("subscriber", "kind")) == [(waiting.pk, "reminded")]


def test_who_was_erased_once_and_whose_address_somebody_typed_is_asked_and_never_reminded():
    waiting = standing("pending", 4)
    suppress(waiting.address_key, Suppression.Reason.ERASED)
    assert numbers() == {}
    Subscriber.objects.update(status_changed_at=ago(15))
    assert numbers() == {"pending": 1}
    assert is_suppressed(waiting.address_key)


def test_who_never_confirmed_is_deleted_after_two_weeks_and_not_reminded_then():
    old = standing("pending", 15)
    ConsentEvent.objects.create(subscriber=old, kind=ConsentEvent.Kind.REMINDED, source="retention")
    young = standing("pending", 1)
    assert numbers() == {"pending": 1}
    assert list(Subscriber.objects.all()) == [young]
    assert not ConsentEvent.objects.exists()


def test_who_asked_again_has_two_weeks_from_then():
    person = standing("pending", 20)
    ConsentEvent.objects.create(subscriber=person, kind=ConsentEvent.Kind.ASKED, source="page")
    assert numbers() == {}


def test_who_left_is_erased_only_where_the_organisation_has_chosen_so():
    long_ago = standing("unsubscribed", 800)
    standing("unsubscribed", 600)
    standing("active", 800)
    erased: list[int] = []
    assert numbers(erase=erased.append) == {}
    assert numbers(TWO_YEARS, erased.append) == {"unsubscribed": 1}
    assert erased == [long_ago.pk]


def sheet(ended):
    made = Import.objects.create(file_name="a.csv", basis="b", status="done", finished_at=ended)
    SheetPiece.objects.create(of=made, number=0, content=b"kari@example.org")
    ImportRow.objects.create(of=made, number=1, outcome="rejected", reason="kari@ is no address")
    ImportRow.objects.create(of=made, number=2, outcome="changed", before={"name": "Kari"}, after={"name": "Kåre"})
    return made


def test_sheets_go_after_a_month_and_the_outcome_of_each_row_stays():
    old = sheet(ago(31))
    sheet(ago(29))
    sheet(None)
    assert numbers() == {"sheets": 1}
    assert not old.pieces.exists()
    assert list(old.rows.values_list("outcome", "reason", "before", "after")) == [
        ("rejected", "", None, None),
        ("changed", "", None, None),
    ]
    assert SheetPiece.objects.count() == 2
    assert numbers() == {}


def test_wishes_and_records_of_mails_go_when_they_are_old():
    person = SubscriberFactory()
    for days in (10, 40):
        change = AddressChange.objects.create(subscriber=person, address="a@b.no", address_key="a@b.no")
        AddressChange.objects.filter(pk=change.pk).update(asked_at=ago(days))
    for days in (100, 400):
        OwedMail.objects.create(kind="welcome", subscriber=person, finished_at=ago(days))
    OwedMail.objects.create(kind="welcome", subscriber=person, due_at=ago(400))
    assert numbers() == {"address-changes": 1, "mail-records": 1}
    assert (AddressChange.objects.count(), OwedMail.objects.count()) == (1, 2)


def test_a_look_tells_the_same_numbers_and_changes_nothing():
    standing("pending", 4)
    standing("pending", 15)
    standing("unsubscribed", 800)
    sheet(ago(31))
    looked = numbers(TWO_YEARS, really=False)
    assert looked == {"remind": 1, "pending": 1, "unsubscribed": 1, "sheets": 1}
    assert Subscriber.objects.count() == 3
    assert numbers(TWO_YEARS) == looked


def test_a_period_may_be_another():
    standing("pending", 4)
    assert numbers(replace(Periods(), delete_pending_after=3)) == {"pending": 1}
