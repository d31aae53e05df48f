"""How people come onto the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from subscribers.addresses import Address, normalise
from subscribers.models import ConsentEvent, Interest, Subscriber, Subscription
from subscribers.suppression import address_hash, is_suppressed


class SignupError(ValueError):
    """The person was not added. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class NewSubscriber:
    """What an editor says about a person who asked for the letter. `basis` tells how the consent is known."""

    address: str
    name: str = ""
    language: str = "nb"
    interests: tuple[str, ...] = ()
    basis: str = ""
    source: str = "cli"


def interests_named(slugs: Iterable[str]) -> list[Interest]:
    """Return the interests with these slugs, in the organisation's order. Raises SignupError for one that does not exist."""
    wanted = set(slugs)
    if not wanted:
        return []
    known = {interest.slug: interest for interest in Interest.objects.all()}
    for slug in sorted(wanted - known.keys()):
        raise SignupError(f"There is no interest '{slug}'. There are: {', '.join(known) or 'none yet'}.")
    return [interest for slug, interest in known.items() if slug in wanted]


def check_language(language: str) -> str:
    """Return the language if letters can have it. Raises SignupError."""
    if language not in Subscriber.Language.values:
        raise SignupError(f"There is no language '{language}'. There are: {', '.join(Subscriber.Language.values)}.")
    return language


def one_line(text: str) -> str:
    """Return text on one line, without what a terminal or a mail header would take for a command."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


@transaction.atomic
def add_subscriber(person: NewSubscriber) -> Subscriber:
    """Put a person whose consent an editor vouches for onto the list, active at once.

    Raises AddressError for something that is no address, SignupError for an unknown interest or language, for an address that is
    there already, and for one that is suppressed: who left stays gone.
    """
    address = normalise(person.address)
    interests = interests_named(person.interests)
    check_language(person.language)
    if is_suppressed(address.key):
        raise SignupError(f"{address.wire} is suppressed: this address must never be mailed again.")
    existing = Subscriber.objects.filter(address_key=address.key).first()
    if existing is not None:
        raise SignupError(f"{address.wire} is on the list already, as {existing.status}. Nothing was changed.")
    return _create(person, address, interests)


def _create(person: NewSubscriber, address: Address, interests: Sequence[Interest]) -> Subscriber:
    subscriber = Subscriber.objects.create(
        address=address.wire,
        address_key=address.key,
        address_hash=address_hash(address.key),
        name=one_line(person.name)[:200],
        language=person.language,
        status=Subscriber.Status.ACTIVE,
    )
    Subscription.objects.bulk_create(Subscription(subscriber=subscriber, interest=interest) for interest in interests)
    ConsentEvent.objects.create(
        subscriber=subscriber, kind=ConsentEvent.Kind.ADDED, source=person.source, basis=person.basis
    )
    return subscriber
