"""How people come onto the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from subscribers import consent_words, limits
from subscribers.addresses import Address, normalise
from subscribers.flags import flags_of
from subscribers.models import ConsentEvent, Interest, OwedMail, Subscriber, Subscription
from subscribers.signals import owe, owe_nothing
from subscribers.suppression import address_hash, forget_erasure, is_barred, is_suppressed

# In seconds. As long as a pending person is kept.
CONFIRM_WITHIN = 14 * 86400
# What ends an earlier wish for the letter: a link that is older than that confirms nothing any more.
_ENDS = (
    ConsentEvent.Kind.WITHDRAWN,
    ConsentEvent.Kind.LAPSED,
    ConsentEvent.Kind.COMPLAINED,
    ConsentEvent.Kind.ERASED,
)


class SignupError(ValueError):
    """The person was not added. The message is a sentence for people."""


class StaleLinkError(ValueError):
    """The link is genuine, and what it would confirm is over: they left since, or are no longer known."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody filled into a form. Nothing says yet that the address is theirs.

    `form` is the door (page, embedded, api), `network` what is kept of the IP address, `edition` and `organisation` the words of
    consent that the form showed.
    """

    address: str
    name: str = ""
    language: str = "nb"
    interests: tuple[str, ...] = ()
    form: str = "page"
    network: str = ""
    edition: str = consent_words.CURRENT
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """Whom a sign-up turned out to be about. `asked_event` is what a confirmation has to name; None: they get the letter already."""

    person: Subscriber
    asked_event: int | None


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


def ask_to_subscribe(asked: Asked) -> None:
    """Take down that somebody wants letters to an address. The mail that is owed for it asks the address's owner.

    Does the same work whoever the address belongs to, known or unknown, so that neither the answer nor its time tells. An address that
    was written to a short while ago gets nothing more (`limits.admit_mail`), and the answer and the work are the same then too.

    Raises AddressError, SignupError for an unknown interest or language, and limits.TooManyError.
    """
    address = normalise(asked.address)
    interests = interests_named(asked.interests)
    check_language(asked.language)
    may_mail = limits.admit_mail(asked.network, address.key)
    detail = {
        "name": one_line(asked.name)[:200],
        "language": asked.language,
        "interests": [interest.slug for interest in interests],
        "form": asked.form,
        "network": asked.network,
        "edition": consent_words.edition_or_current(asked.edition),
        "organisation": asked.organisation,
    }
    if may_mail:
        owe(OwedMail.Kind.SIGNUP, address.wire, detail=detail)
    else:
        owe_nothing(OwedMail.Kind.SIGNUP)


@transaction.atomic
def settle(owed: OwedMail) -> Settled | None:
    """Find out whom a sign-up is about, and make a pending person of somebody new. None: nobody may be written to.

    Nobody is who complained or is barred: anyone can type an address. Who was erased is a stranger, and is asked like one. Settling twice
    gives the same, as a mail may be tried again.
    """
    address = normalise(owed.address)
    if is_barred(address.key):
        return None
    person, is_new = Subscriber.objects.select_for_update(no_key=True).get_or_create(
        address_key=address.key, defaults=_pending(address, owed.detail)
    )
    if person.status == Subscriber.Status.ACTIVE:
        return Settled(person, None)
    if not is_new and Subscriber.Status.ACTIVE not in Subscriber.TRANSITIONS[person.status]:
        return None
    if owed.subscriber_id is None:
        owed.subscriber = person
        owed.detail = {**owed.detail, "asked_event": _log_asked(person, owed.detail).pk}
        owed.save(update_fields=["subscriber", "detail"])
    return Settled(person, owed.detail["asked_event"])


def _pending(address: Address, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": address.wire,
        "address_hash": address_hash(address.key),
        # What anybody can type for somebody else's address counts only when it is confirmed from there.
        "name": "",
        "language": detail["language"],
        "status": Subscriber.Status.PENDING,
        "source": detail["form"],
        "flags": flags_of(address.key),
    }


def _log_asked(person: Subscriber, detail: dict[str, Any]) -> ConsentEvent:
    return ConsentEvent.objects.create(
        subscriber=person,
        kind=ConsentEvent.Kind.ASKED,
        source=detail["form"],
        basis=consent_words.words(detail["edition"], detail["language"], detail["organisation"]),
        version=detail["edition"],
        network=detail["network"],
        detail={"interests": detail["interests"], "language": detail["language"], "name": detail["name"]},
    )


def asked_for(subscriber_id: int, asked_event: int) -> tuple[Subscriber, ConsentEvent]:
    """Return the person and what they asked for, if it can still be confirmed or was. Raises StaleLinkError."""
    person = Subscriber.objects.filter(pk=subscriber_id).first()
    asked = ConsentEvent.objects.filter(
        pk=asked_event, subscriber_id=subscriber_id, kind=ConsentEvent.Kind.ASKED
    ).first()
    if person is None or asked is None:
        raise StaleLinkError("Nobody asked for this.")
    ended = ConsentEvent.objects.filter(subscriber=person, kind__in=_ENDS, pk__gt=asked.pk).exists()
    may_come = (
        person.status == Subscriber.Status.ACTIVE or Subscriber.Status.ACTIVE in Subscriber.TRANSITIONS[person.status]
    )
    if ended or not may_come or is_barred(person.address_key):
        raise StaleLinkError("It was asked for, and ended since.")
    return person, asked


@transaction.atomic
def confirm(subscriber_id: int, asked_event: int, *, network: str = "") -> Subscriber:
    """Put onto the list whoever confirms what they asked for, with the choices they made then.

    Doing it twice changes nothing. Raises StaleLinkError.
    """
    # The lock first: what is looked at after it can't change any more.
    Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber_id).first()
    person, asked = asked_for(subscriber_id, asked_event)
    if person.status == Subscriber.Status.ACTIVE:
        return person
    now = timezone.now()
    person.status, person.status_changed_at = Subscriber.Status.ACTIVE, now
    person.language, person.confirmed_at, person.heard_at = asked.detail["language"], now, now
    person.paused_until = None
    person.name = asked.detail.get("name") or person.name
    changed = ["status", "status_changed_at", "language", "confirmed_at", "heard_at", "paused_until", "name"]
    person.save(update_fields=changed)
    # Only now: a form that anybody can fill in must not bring them within reach of an import.
    forget_erasure(person.address_key)
    follow_only(person, asked.detail["interests"])
    ConsentEvent.objects.create(
        subscriber=person,
        kind=ConsentEvent.Kind.CONFIRMED,
        source=asked.source,
        basis=asked.basis,
        version=asked.version,
        network=network,
        detail={"asked": asked.pk},
    )
    owe(OwedMail.Kind.WELCOME, person.address, subscriber=person)
    return person


def follow_only(person: Subscriber, slugs: Iterable[str]) -> None:
    """Let a person follow these interests and no others. One that was taken away since is passed over."""
    wanted = {interest.pk for interest in Interest.objects.filter(slug__in=list(slugs))}
    has = set(Subscription.objects.filter(subscriber=person).values_list("interest_id", flat=True))
    if has - wanted:
        Subscription.objects.filter(subscriber=person, interest_id__in=has - wanted).delete()
    if wanted - has:
        Subscription.objects.bulk_create(
            (Subscription(subscriber=person, interest_id=interest) for interest in sorted(wanted - has)),
            ignore_conflicts=True,
        )


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
        source=person.source,
        flags=flags_of(address.key),
    )
    Subscription.objects.bulk_create(Subscription(subscriber=subscriber, interest=interest) for interest in interests)
    ConsentEvent.objects.create(
        subscriber=subscriber, kind=ConsentEvent.Kind.ADDED, source=person.source, basis=person.basis
    )
    return subscriber
