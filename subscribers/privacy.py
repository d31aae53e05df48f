"""What the law gives people a right to: everything we keep about them (GDPR articles 15 and 20), and to have it gone (article 17)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from subscribers.addresses import normalise
from subscribers.history import consent_log
from subscribers.models import (
    AddressChange,
    ConsentEvent,
    ImportRow,
    OwedMail,
    SheetPiece,
    Subscriber,
    Subscription,
    Suppression,
)
from subscribers.reasons import parts, words
from subscribers.suppression import address_hash, suppress

# RFC 2606 keeps .invalid for addresses that must never work.
_NOWHERE = "erased.invalid"

# Rows of the log are never changed; these are other rows, which tell that somebody consented and when, and nothing of who it was.
_LOG_WITHOUT_PERSON = """
    WITH old AS (DELETE FROM subscribers_consentevent WHERE subscriber_id = %(person)s RETURNING *)
    INSERT INTO subscribers_consentevent (subscriber_id, kind, source, basis, version, network, detail, by, at)
    SELECT subscriber_id, kind, source, '', version, '', '{}', '', at FROM old ORDER BY at, id
"""


class PrivacyError(ValueError):
    """What was asked for can't be done. The message is a sentence for people."""


def about(subscriber: Subscriber) -> dict[str, Any]:
    """Return everything that this app keeps about a person, but for the keyed hash of the address, which tells nobody anything."""
    person = {
        name: getattr(subscriber, name)
        for name in (
            "id",
            "address",
            "name",
            "language",
            "status",
            "status_changed_at",
            "created_at",
            "source",
            "fields",
            "flags",
            "paused_until",
            "confirmed_at",
            "reminded_at",
            "asked_at",
            "heard_at",
        )
    }
    follows = Subscription.objects.filter(subscriber=subscriber).order_by("interest__position", "interest__slug")
    return {
        "person": person,
        "interests": list(follows.values("interest__slug", "interest__name_nb", "interest__name_en", "since")),
        "consent": consent_log(subscriber),
        "address_changes": list(
            AddressChange.objects.filter(subscriber=subscriber).values("address", "asked_at", "confirmed_at")
        ),
        "mails": list(
            OwedMail.objects.filter(subscriber=subscriber).values("kind", "created_at", "finished_at", "outcome")
        ),
        "imports": [_row(row) for row in ImportRow.objects.filter(subscriber_id=subscriber.pk).select_related("of")],
        "suppressed": list(
            Suppression.objects.filter(address_hash=subscriber.address_hash).values("reason", "created_at")
        ),
    }


def _row(row: ImportRow) -> dict[str, Any]:
    """A row of a sheet, with its reasons as codes and in English."""
    return {
        "import": row.of_id,
        "file": row.of.file_name,
        "at": row.of.finished_at or row.of.created_at,
        "status": row.of.status,
        "row": row.number,
        "outcome": row.outcome,
        "reasons": [{"code": code, "values": values} for code, *values in parts(row.reason)],
        "reason": words(row.reason),
        "before": row.before,
        "after": row.after,
    }


@transaction.atomic
def erase(subscriber: Subscriber, *, known_keys: Iterable[str] = (), source: str, by: str = "") -> str:
    """Leave nothing of a person in this app but a keyed hash of each address of theirs, and rows of the log that tell of nobody.

    `subscriber` must be locked (FOR UPDATE, as its keys change); `known_keys` are `address_key`s of theirs that others know of. Return
    the address that stands in place of theirs from now on: unique, meaningless, and at a domain that never works (RFC 2606).
    """
    keys = {subscriber.address_key, *known_keys, *_confirmed_keys(subscriber)}
    held_by_others = set(
        Subscriber.objects.filter(address_key__in=keys).exclude(pk=subscriber.pk).values_list("address_key", flat=True)
    )
    for key in sorted(keys - held_by_others):
        suppress(key, Suppression.Reason.ERASED)
    _forget_requests(subscriber, keys - held_by_others)
    _forget_imports(subscriber, keys)
    Subscription.objects.filter(subscriber=subscriber).delete()
    with connection.cursor() as cursor:
        cursor.execute(_LOG_WITHOUT_PERSON, {"person": subscriber.pk})
    ConsentEvent.objects.create(subscriber=subscriber, kind=ConsentEvent.Kind.ERASED, source=source, by=by)
    return _blank(subscriber)


def lift(address: str) -> bool:
    """Let an address that was erased sign up again, because its owner asked for it. Return whether it was erased.

    Nothing is added: the person signs up and confirms as anyone does. Raises AddressError, and PrivacyError for an address that is
    suppressed for another reason.
    """
    found = Suppression.objects.filter(address_hash=address_hash(normalise(address).key)).first()
    if found is None:
        return False
    if found.reason != Suppression.Reason.ERASED:
        raise PrivacyError(f"{address} is suppressed because it was {found.reason}, not erased; that stays.")
    found.delete()
    return True


def _confirmed_keys(subscriber: Subscriber) -> Iterable[str]:
    confirmed = AddressChange.objects.filter(subscriber=subscriber, confirmed_at__isnull=False)
    return confirmed.values_list("address_key", flat=True)


def _forget_requests(subscriber: Subscriber, keys: set[str]) -> None:
    AddressChange.objects.filter(subscriber=subscriber).delete()
    AddressChange.objects.filter(address_key__in=keys, confirmed_at=None).delete()
    OwedMail.objects.filter(subscriber=subscriber).delete()
    for key in keys:
        OwedMail.objects.filter(address__iexact=key).delete()


def _forget_imports(subscriber: Subscriber, keys: Iterable[str]) -> None:
    rows = ImportRow.objects.filter(subscriber_id=subscriber.pk)
    sheets = set(rows.values_list("of_id", flat=True))
    rows.update(before=None, after=None, reason="")
    for key in keys:
        quoting = ImportRow.objects.filter(reason__icontains=key)
        sheets |= set(quoting.values_list("of_id", flat=True))
        quoting.update(reason="")
    # A line can't be cut out of a workbook, so the sheets that they stood in go whole. One that is being read is left for retention.
    SheetPiece.objects.filter(of__in=sheets, of__finished_at__isnull=False).delete()


def _blank(subscriber: Subscriber) -> str:
    nowhere = f"{secrets.token_hex(16)}@{_NOWHERE}"
    # Not `save`, which would write back the interests that the database has taken out of the row meanwhile.
    Subscriber.objects.filter(pk=subscriber.pk).update(
        address=nowhere,
        address_key=nowhere,
        # Random, and not the hash of anything.
        address_hash=secrets.token_bytes(32),
        name="",
        language=Subscriber.Language.BOKMAL,
        source="",
        fields={},
        flags=[],
        paused_until=None,
        confirmed_at=None,
        reminded_at=None,
        asked_at=None,
        heard_at=None,
        status=Subscriber.Status.ERASED,
        status_changed_at=timezone.now(),
    )
    return nowhere
