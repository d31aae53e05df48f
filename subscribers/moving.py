"""A person takes the letter along to another address: nothing changes before somebody confirms it from there."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from subscribers import limits
from subscribers.addresses import normalise, shorten
from subscribers.models import AddressChange, ConsentEvent, OwedMail, Subscriber
from subscribers.preferences import NotOnTheListError
from subscribers.signals import owe, owe_nothing
from subscribers.signup import StaleLinkError
from subscribers.suppression import address_hash, is_suppressed

# In seconds.
MOVE_WITHIN = 3 * 86400


def ask_for_link(address: str, *, network: str = "") -> None:
    """Take down that somebody wants the links of an address sent to it. The same for any address; see `signup.ask_to_subscribe`.

    Raises AddressError, limits.TooManyError.
    """
    found = normalise(address)
    if limits.admit_mail(network, found.key, about="link"):
        owe(OwedMail.Kind.LINK, found.wire)
    else:
        owe_nothing(OwedMail.Kind.LINK)


def person_at(address: str) -> Subscriber | None:
    """Return who gets the letter at an address and may be written to there."""
    key = normalise(address).key
    person = Subscriber.objects.filter(address_key=key, status=Subscriber.Status.ACTIVE).first()
    return None if person is None or is_suppressed(key) else person


def ask_to_move(subscriber_id: int, address: str, *, network: str = "") -> None:
    """Take down that a person wants the letter at another address. Both are asked for the yes: see `mailer.transactional.moving`.

    Does the same whether the address is known or not. Raises AddressError, NotOnTheListError, limits.TooManyError.
    """
    new = normalise(address)
    person = Subscriber.objects.filter(pk=subscriber_id, status=Subscriber.Status.ACTIVE).first()
    if person is None:
        raise NotOnTheListError("Only who gets the letter can have it elsewhere.")
    limits.admit(network)
    if new.key == person.address_key or not limits.may_mail(new.key, about="move"):
        return
    with transaction.atomic():
        change = AddressChange.objects.create(subscriber=person, address=new.wire, address_key=new.key)
        owe(OwedMail.Kind.NEW_ADDRESS, new.wire, subscriber=person, detail={"change": change.pk})


def wanted_move(subscriber_id: int, change_id: int) -> AddressChange:
    """Return a change that can still be confirmed, or was. Raises StaleLinkError.

    Of several only the newest can: an older link may be in a mailbox that is somebody else's.
    """
    change = (
        AddressChange.objects.select_related("subscriber").filter(pk=change_id, subscriber_id=subscriber_id).first()
    )
    if change is None or change.subscriber.status != Subscriber.Status.ACTIVE:
        raise StaleLinkError("Nobody asked for this.")
    newer = AddressChange.objects.filter(subscriber_id=subscriber_id, pk__gt=change_id).exists()
    taken = Subscriber.objects.filter(address_key=change.address_key).exclude(pk=subscriber_id).exists()
    if newer or taken or is_suppressed(change.address_key):
        raise StaleLinkError("It was asked for, and ended since.")
    return change


def move(subscriber_id: int, change_id: int, *, network: str = "") -> Subscriber:
    """Give a person the address that they confirmed, and tell the old one. Doing it twice changes nothing. Raises StaleLinkError."""
    try:
        with transaction.atomic():
            return _move(subscriber_id, change_id, network)
    except IntegrityError:
        raise StaleLinkError("Somebody else got this address in the same moment.") from None


def _move(subscriber_id: int, change_id: int, network: str) -> Subscriber:
    Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber_id).first()
    change = wanted_move(subscriber_id, change_id)
    person = change.subscriber
    if change.confirmed_at is not None:
        return person
    old = person.address
    now = timezone.now()
    person.address, person.address_key = change.address, change.address_key
    person.address_hash = address_hash(change.address_key)
    person.confirmed_at = person.heard_at = now
    person.save(update_fields=["address", "address_key", "address_hash", "confirmed_at", "heard_at"])
    change.confirmed_at = now
    change.save(update_fields=["confirmed_at"])
    ConsentEvent.objects.create(
        subscriber=person,
        kind=ConsentEvent.Kind.ADDRESS_CHANGED,
        source="page",
        network=network,
        detail={"address": [shorten(old), shorten(person.address)]},
    )
    owe(OwedMail.Kind.OLD_ADDRESS, old, subscriber=person)
    return person
