"""What people choose for themselves once they are on the list: what about, in which language, when not, and to stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from subscribers.models import ConsentEvent, Interest, Subscriber
from subscribers.signup import check_language, follow_only, interests_named
from subscribers.suppression import is_suppressed

LONGEST_PAUSE = timedelta(days=366)
# How long after leaving one press brings a person back: longer, and it is a new wish, which is asked for anew.
UNDO_WITHIN = timedelta(days=7)
REASONS = ("too-much", "not-for-me", "moved", "other")


class PreferenceError(ValueError):
    """What was asked for can't be done. The message is a sentence for people."""


class NotOnTheListError(PreferenceError):
    """The person does not get the letter, so there is nothing to choose."""


class LastInterestError(PreferenceError):
    """The person would follow nothing any more, which means to get everything: not what "less of this" asks for."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chooses. Interests are slugs, none means everything; `paused_until` is the last day without letters."""

    interests: tuple[str, ...]
    language: str
    paused_until: date | None = None


@transaction.atomic
def choose(subscriber_id: int, choices: Choices, *, source: str, network: str = "") -> Subscriber:
    """Take over what a person chose, and write down what changed.

    Raises NotOnTheListError; PreferenceError for a pause that is over or longer than a year; SignupError for an unknown interest or
    language.
    """
    person = _on_the_list(subscriber_id)
    wanted = [interest.slug for interest in interests_named(choices.interests)]
    check_language(choices.language)
    today = timezone.localdate()
    pause = choices.paused_until
    if pause is not None and not today <= pause <= today + LONGEST_PAUSE:
        raise PreferenceError("A pause ends at a day within a year from now.")
    before = {"interests": _followed(person), "language": person.language}
    after = {"interests": wanted, "language": choices.language}
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if "interests" in changed:
        follow_only(person, wanted)
    if changed:
        _log(person, ConsentEvent.Kind.CHANGED, source, network, changed)
    if pause != person.paused_until:
        _log(person, ConsentEvent.Kind.PAUSED, source, network, {"until": pause.isoformat() if pause else None})
    person.language, person.paused_until, person.heard_at = choices.language, pause, timezone.now()
    person.save(update_fields=["language", "paused_until", "heard_at"])
    return person


@transaction.atomic
def follow(subscriber_id: int, slug: str, *, source: str, network: str = "") -> Subscriber:
    """Give a person more of an interest. Who follows nothing gets everything already: nothing changes for them.

    Raises NotOnTheListError, SignupError for an unknown interest.
    """
    person = _on_the_list(subscriber_id)
    interests_named((slug,))
    has = _followed(person)
    if has and slug not in has:
        _change_interests(person, has, [*has, slug], source, network)
    return person


@transaction.atomic
def unfollow(subscriber_id: int, slug: str, *, source: str, network: str = "") -> Subscriber:
    """Give a person less of an interest. Who gets everything then follows all the others.

    Raises LastInterestError when nothing would be left, NotOnTheListError, SignupError for an unknown interest.
    """
    person = _on_the_list(subscriber_id)
    interests_named((slug,))
    has = _followed(person)
    everything = list(Interest.objects.values_list("slug", flat=True))
    rest = [other for other in has or everything if other != slug]
    if not rest:
        raise LastInterestError("It is the only interest that is left.")
    if rest != has:
        _change_interests(person, has, rest, source, network)
    return person


def _change_interests(person: Subscriber, has: list[str], wanted: list[str], source: str, network: str) -> None:
    follow_only(person, wanted)
    _log(person, ConsentEvent.Kind.CHANGED, source, network, {"interests": [has, wanted]})
    person.heard_at = timezone.now()
    person.save(update_fields=["heard_at"])


def _on_the_list(subscriber_id: int) -> Subscriber:
    person = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber_id).first()
    if person is None or person.status != Subscriber.Status.ACTIVE:
        raise NotOnTheListError("Only who gets the letter can choose what is in it.")
    return person


def _followed(person: Subscriber) -> list[str]:
    return list(Interest.objects.filter(subscriptions__subscriber=person).values_list("slug", flat=True))


def _log(person: Subscriber, kind: ConsentEvent.Kind, source: str, network: str, detail: dict[str, Any]) -> None:
    ConsentEvent.objects.create(subscriber=person, kind=kind, source=source, network=network, detail=detail)


@transaction.atomic
def subscribe_again(subscriber_id: int, *, basis: str, source: str, network: str = "") -> Subscriber:
    """Put a person back onto the list who left, or whose address did not work, and who has asked for it anew.

    `basis` tells how that is known; without one nobody comes back. Raises PreferenceError, also for one who complained or is suppressed.
    """
    subscriber = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber_id)
    if not basis.strip():
        raise PreferenceError("Say how you know that this person wants the letter again; it is kept as the proof.")
    if (
        is_suppressed(subscriber.address_key)
        or Subscriber.Status.ACTIVE not in Subscriber.TRANSITIONS[subscriber.status]
    ):
        raise PreferenceError(f"{subscriber.address} is {subscriber.status}, and can't be put back onto the list.")
    subscriber.status = Subscriber.Status.ACTIVE
    subscriber.status_changed_at = timezone.now()
    subscriber.save(update_fields=["status", "status_changed_at"])
    ConsentEvent.objects.create(
        subscriber=subscriber,
        kind=ConsentEvent.Kind.CONFIRMED,
        source=source,
        basis=basis.strip(),
        network=network,
    )
    return subscriber


def can_undo_leaving(subscriber: Subscriber) -> bool:
    """Tell whether one press may bring a person back: they left by themselves, a short while ago, from being on the list."""
    if subscriber.status != Subscriber.Status.UNSUBSCRIBED:
        return False
    if subscriber.status_changed_at < timezone.now() - UNDO_WITHIN or is_suppressed(subscriber.address_key):
        return False
    # Who had not confirmed before they left has nothing to come back to.
    came = (ConsentEvent.Kind.CONFIRMED, ConsentEvent.Kind.ADDED)
    return ConsentEvent.objects.filter(subscriber=subscriber, kind__in=came).exists()


@transaction.atomic
def undo_leaving(subscriber_id: int, *, source: str, network: str = "") -> Subscriber:
    """Bring back a person who left a short while ago and pressed "undo". Raises PreferenceError when it is too late."""
    subscriber = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber_id).first()
    if subscriber is not None and subscriber.status == Subscriber.Status.ACTIVE:
        return subscriber
    if subscriber is None or not can_undo_leaving(subscriber):
        raise PreferenceError("It is too long ago, or there is nothing to undo.")
    basis = "Pressed undo on the page that says that they have left."
    return subscribe_again(subscriber_id, basis=basis, source=source, network=network)


def give_reason(subscriber_id: int, reason: str, *, source: str) -> None:
    """Write down why a person left, which they need not tell. Raises PreferenceError for a reason that was not offered."""
    if reason not in REASONS:
        raise PreferenceError(f"There is no reason '{reason[:40]}'.")
    person = Subscriber.objects.filter(pk=subscriber_id, status=Subscriber.Status.UNSUBSCRIBED).first()
    if person is not None:
        _log(person, ConsentEvent.Kind.CHANGED, source, "", {"reason": reason})


# One statement looks, locks, changes and writes it down: mail programs of a whole list may press at once. It takes no lock on the row's
# key, which a launch that is inserting deliveries holds: neither must wait for the other.
_LEAVE = """
    WITH gone AS (
        UPDATE subscribers_subscriber SET status = 'unsubscribed', status_changed_at = now()
        WHERE id = %s AND status = ANY(%s) RETURNING *
    ), told AS (
        INSERT INTO subscribers_consentevent (subscriber_id, kind, source, basis, version, network, detail, by, at)
        SELECT id, 'withdrawn', %s, '', '', '', '{}', '', now() FROM gone
    )
    SELECT * FROM gone
"""
_MAY_LEAVE = [
    str(status) for status, after in Subscriber.TRANSITIONS.items() if Subscriber.Status.UNSUBSCRIBED in after
]


# Without a savepoint: it always runs inside a transaction of its caller's, or is one.
@transaction.atomic(savepoint=False)
def unsubscribe(subscriber_id: int, *, source: str) -> Subscriber | None:
    """Take a person off the list at once, and write down that the consent was withdrawn and through which door.

    Return the person, or None when no such person is left. Doing it twice changes nothing: mail programs repeat the request.
    """
    left = next(iter(Subscriber.objects.raw(_LEAVE, [subscriber_id, _MAY_LEAVE, source])), None)
    return left or Subscriber.objects.filter(pk=subscriber_id).first()


@transaction.atomic
def stay(subscriber_id: int, *, source: str, network: str = "") -> None:
    """Write down that a person who was asked still wants the letter. Raises NotOnTheListError."""
    person = _on_the_list(subscriber_id)
    person.heard_at = timezone.now()
    person.save(update_fields=["heard_at"])
    ConsentEvent.objects.create(
        subscriber=person,
        kind=ConsentEvent.Kind.CONFIRMED,
        source=source,
        network=network,
        basis="Asked whether they still want the letter, and pressed yes.",
    )
