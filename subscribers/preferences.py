"""What people choose for themselves once they are on the list."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from subscribers.models import ConsentEvent, Subscriber


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
