"""What people choose for themselves once they are on the list."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from subscribers.models import ConsentEvent, Subscriber
from subscribers.suppression import is_suppressed


class PreferenceError(ValueError):
    """What was asked for can't be done. The message is a sentence for people."""


@transaction.atomic
def subscribe_again(subscriber_id: int, *, basis: str, source: str) -> Subscriber:
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
        subscriber=subscriber, kind=ConsentEvent.Kind.CONFIRMED, source=source, basis=basis.strip()
    )
    return subscriber


@transaction.atomic
def unsubscribe(subscriber_id: int, *, source: str) -> Subscriber | None:
    """Take a person off the list at once, and write down that the consent was withdrawn and through which door.

    Return the person, or None when no such person is left. Doing it twice changes nothing: mail programs repeat the request.
    """
    # Without the key: a launch that is inserting deliveries holds the row's key, and must neither wait for us nor keep us waiting.
    subscriber = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber_id).first()
    if subscriber is None:
        return None
    if Subscriber.Status.UNSUBSCRIBED not in Subscriber.TRANSITIONS[subscriber.status]:
        return subscriber
    subscriber.status = Subscriber.Status.UNSUBSCRIBED
    subscriber.status_changed_at = timezone.now()
    subscriber.save(update_fields=["status", "status_changed_at"])
    ConsentEvent.objects.create(subscriber=subscriber, kind=ConsentEvent.Kind.WITHDRAWN, source=source)
    return subscriber
