"""Whose yes a change of address needs: first that of the mailbox where the letter goes now, then that of the new one.

The link by which a change is asked for stands in every letter, and letters are passed on. So nothing is asked of a new address before
whoever reads the mail at the present one has agreed (see docs/public-pages.md).
"""

from __future__ import annotations

from django.db import transaction

from subscribers import limits, moving
from subscribers.models import AddressChange, OwedMail, Subscriber
from subscribers.signals import owe
from subscribers.signup import StaleLinkError


class AskedLatelyError(Exception):
    """The person was written to about a change of address a short while ago."""


def ask_to_move(person: Subscriber, address: str, *, network: str = "") -> None:
    """Take down that a person wants the letter at another address. The mail that is owed for it goes to the present one first.

    Does the same whether the new address is known or not. Raises AskedLatelyError, AddressError, preferences.NotOnTheListError,
    limits.TooManyError.
    """
    if not limits.may_mail(person.address_key, about="move-from"):
        raise AskedLatelyError
    moving.ask_to_move(person.pk, address, network=network)


def open_change(subscriber_id: int, change_id: int) -> AddressChange:
    """Return a change that can still be agreed to: the newest, of a person on the list, and not made yet. Raises StaleLinkError.

    Whether somebody else has the new address is not looked at: the present mailbox need not learn it.
    """
    changes = AddressChange.objects.select_related("subscriber").filter(subscriber_id=subscriber_id)
    change = changes.order_by("pk").last()
    if change is None or change.pk != change_id or change.confirmed_at is not None:
        raise StaleLinkError("It was asked for, and ended since.")
    if change.subscriber.status != Subscriber.Status.ACTIVE:
        raise StaleLinkError("The letter goes to nobody now.")
    return change


@transaction.atomic
def agree(subscriber_id: int, change_id: int) -> AddressChange:
    """Let the new address be asked, since the present one has agreed. Pressing twice within the hour asks once.

    Raises StaleLinkError.
    """
    change = open_change(subscriber_id, change_id)
    if limits.may_mail(change.address_key, about="move-to"):
        detail = {"change": change.pk, "agreed": True}
        owe(OwedMail.Kind.NEW_ADDRESS, change.address, subscriber=change.subscriber, detail=detail)
    return change
