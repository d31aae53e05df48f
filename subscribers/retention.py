"""How long what is kept about people is kept: rules that run again and again, and tell how many each one concerned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
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

# People that one transaction deletes or erases: few enough that nobody waits for its locks.
AT_ONCE = 500
_DAYS_IN_A_MONTH = 30.44


@dataclass(frozen=True, slots=True)
class Periods:
    """In days, but for the months after which those who left are erased; 0 months: they stay, so that no import brings them back."""

    remind_pending_after: int = 3
    delete_pending_after: int = 14
    erase_unsubscribed_months: int = 0
    delete_sheets_after: int = 30
    delete_address_changes_after: int = 30
    delete_mail_records_after: int = 365


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule did: its name, what it says, and how many people or records it concerned."""

    rule: str
    says: str
    number: int

    def as_json(self) -> dict[str, Any]:
        """The form for scripts."""
        return asdict(self)


def configured_periods() -> Periods:
    """Return the periods with what the settings say of them."""
    return Periods(erase_unsubscribed_months=settings.ERASE_UNSUBSCRIBED_MONTHS)


def run(erase: Callable[[int], object], periods: Periods | None = None, *, really: bool = True) -> list[Outcome]:
    """Apply every rule once and return what each did; without `really`, what each would do.

    `erase` erases one person everywhere by their id: this app does not know where else something is kept. Running it twice, or late,
    or on two machines does no harm.
    """
    kept = periods or configured_periods()
    now = timezone.now()
    return [
        Outcome(rule, says, work(now, kept, erase) if really else question(now, kept).count())
        for rule, says, question, work in _RULES
    ]


def _pending(before: datetime) -> QuerySet[Subscriber]:
    asked = ConsentEvent.objects.filter(subscriber=OuterRef("pk"), kind=ConsentEvent.Kind.ASKED, at__gte=before)
    people = Subscriber.objects.filter(status=Subscriber.Status.PENDING, status_changed_at__lt=before)
    return people.filter(~Exists(asked))


def to_remind(now: datetime, kept: Periods) -> QuerySet[Subscriber]:
    """Return the pending who have not confirmed for so long, still can, and were not reminded yet."""
    waiting = _pending(now - timedelta(days=kept.remind_pending_after)).filter(reminded_at=None)
    # Somebody who was erased once is asked, and never reminded: somebody else may have typed their address.
    waiting = waiting.filter(~Exists(Suppression.objects.filter(address_hash=OuterRef("address_hash"))))
    return waiting.exclude(pk__in=pending_for_too_long(now, kept).values("pk"))


def pending_for_too_long(now: datetime, kept: Periods) -> QuerySet[Subscriber]:
    """Return the pending who can't confirm any more."""
    return _pending(now - timedelta(days=kept.delete_pending_after))


def left_long_ago(now: datetime, kept: Periods) -> QuerySet[Subscriber]:
    """Return who left so many months ago; nobody while the organisation has not chosen to erase them."""
    if not kept.erase_unsubscribed_months:
        return Subscriber.objects.none()
    before = now - timedelta(days=kept.erase_unsubscribed_months * _DAYS_IN_A_MONTH)
    return Subscriber.objects.filter(status=Subscriber.Status.UNSUBSCRIBED, status_changed_at__lt=before)


def old_address_changes(now: datetime, kept: Periods) -> QuerySet[AddressChange]:
    """Return what people asked for so long ago that it is done or can't be done any more."""
    return AddressChange.objects.filter(asked_at__lt=now - timedelta(days=kept.delete_address_changes_after))


def old_mail_records(now: datetime, kept: Periods) -> QuerySet[OwedMail]:
    """Return the records of single mails that were sent or given up so long ago."""
    return OwedMail.objects.filter(finished_at__lt=now - timedelta(days=kept.delete_mail_records_after))


def _remind(now: datetime, kept: Periods, erase: Callable[[int], object]) -> int:
    with transaction.atomic():
        people = list(
            to_remind(now, kept).select_for_update(skip_locked=True, no_key=True).values_list("pk", "address")
        )
        ids = [pk for pk, _address in people]
        Subscriber.objects.filter(pk__in=ids).update(reminded_at=now)
        ConsentEvent.objects.bulk_create(
            ConsentEvent(subscriber_id=pk, kind=ConsentEvent.Kind.REMINDED, source="retention") for pk in ids
        )
        OwedMail.objects.bulk_create(
            OwedMail(kind=OwedMail.Kind.REMINDER, address=address, subscriber_id=pk, due_at=now)
            for pk, address in people
        )
    return len(ids)


def _delete_pending(now: datetime, kept: Periods, erase: Callable[[int], object]) -> int:
    gone = 0
    while True:
        with transaction.atomic():
            # Locked, and looked at again under the lock: who confirms in this moment stays.
            found = pending_for_too_long(now, kept).select_for_update(skip_locked=True).values_list("pk", flat=True)
            ids = list(found[:AT_ONCE])
            Subscriber.objects.filter(pk__in=ids).delete()
        gone += len(ids)
        if len(ids) < AT_ONCE:
            return gone


def _erase_unsubscribed(now: datetime, kept: Periods, erase: Callable[[int], object]) -> int:
    ids = list(left_long_ago(now, kept).values_list("pk", flat=True))
    for pk in ids:
        erase(pk)
    return len(ids)


def _delete_address_changes(now: datetime, kept: Periods, erase: Callable[[int], object]) -> int:
    return old_address_changes(now, kept).delete()[0]


def _delete_mail_records(now: datetime, kept: Periods, erase: Callable[[int], object]) -> int:
    return old_mail_records(now, kept).delete()[0]


def old_sheets(now: datetime, kept: Periods) -> QuerySet[Import]:
    """Return the imports that ended so long ago and whose sheet, or what it changed of people, is still kept."""
    ended = Import.objects.filter(finished_at__lt=now - timedelta(days=kept.delete_sheets_after))
    rows = ImportRow.objects.filter(_TELLING, of=OuterRef("pk"))
    return ended.filter(Q(Exists(SheetPiece.objects.filter(of=OuterRef("pk")))) | Q(Exists(rows)))


def _delete_sheets(now: datetime, kept: Periods, erase: Callable[[int], object]) -> int:
    with transaction.atomic():
        ids = list(old_sheets(now, kept).values_list("pk", flat=True))
        SheetPiece.objects.filter(of__in=ids).delete()
        # The reasons quote what stood in the sheet. The outcome of each row stays, and so do the counts.
        ImportRow.objects.filter(_TELLING, of__in=ids).update(before=None, after=None, reason="")
    return len(ids)


_TELLING = ~Q(reason="") | Q(before__isnull=False) | Q(after__isnull=False)

_RULES = (
    ("remind", "Pending people are reminded once", to_remind, _remind),
    ("pending", "People who never confirmed are deleted", pending_for_too_long, _delete_pending),
    ("unsubscribed", "People who left long ago are erased", left_long_ago, _erase_unsubscribed),
    ("sheets", "Imported sheets are deleted, and what they changed is forgotten", old_sheets, _delete_sheets),
    ("address-changes", "Wishes for another address are deleted", old_address_changes, _delete_address_changes),
    ("mail-records", "Records of single mails are deleted", old_mail_records, _delete_mail_records),
)
