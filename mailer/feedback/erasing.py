"""A person is erased everywhere: what waits for them is skipped, and what was sent forgets to whom."""

from __future__ import annotations

import secrets

from django.db import connection, transaction

from mailer.models import Campaign, Delivery, Feedback
from mailer.sending.taking import skip_waiting
from subscribers import privacy
from subscribers.models import Subscriber

# What became of each letter stays, for the sums of its campaign; the relay's words may quote the address.
_DELIVERIES = """
    UPDATE mailer_delivery SET address = %(nowhere)s, address_key = %(nowhere)s, reply_text = '', queue_id = ''
    WHERE subscriber_id = %(person)s
"""
# A letter that was on the wire while its reader was erased is recorded afterwards, in the relay's words.
_LATE_WORDS = """
    UPDATE mailer_delivery d SET reply_text = '', queue_id = '' FROM subscribers_subscriber s
    WHERE s.status = 'erased' AND d.subscriber_id = s.id AND (d.reply_text <> '' OR d.queue_id <> '')
"""


@transaction.atomic
def erase(subscriber_id: int, *, source: str, by: str = "") -> bool:
    """Erase a person in one transaction, and keep of each address of theirs only a keyed hash, so that no import brings them back.

    Return False when there is no such person, or they were erased already. A message that is on the wire at this moment arrives.
    """
    # The whole lock at once: the address that we take away is a key, and a lock that grows later could meet a worker's halfway.
    person = Subscriber.objects.select_for_update().filter(pk=subscriber_id).first()
    if person is None or person.status == Subscriber.Status.ERASED:
        return False
    keys = {person.address_key, *Delivery.objects.filter(subscriber=person).values_list("address_key", flat=True)}
    skip_waiting(person.pk, Subscriber.Status.ERASED)
    nowhere = privacy.erase(person, known_keys=keys, source=source, by=by)
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERIES, {"person": person.pk, "nowhere": nowhere})
    _forget_feedback(person)
    _forget_first_few(keys)
    return True


def forget_late_words() -> int:
    """Take away what relays said about people who were erased meanwhile. Return how many deliveries it concerned."""
    with connection.cursor() as cursor:
        cursor.execute(_LATE_WORDS)
        return int(cursor.rowcount)


def number_of_late_words() -> int:
    """Return how many deliveries `forget_late_words` would concern now."""
    late = Delivery.objects.filter(subscriber__status=Subscriber.Status.ERASED)
    return late.exclude(reply_text="", queue_id="").count()


def _forget_feedback(person: Subscriber) -> None:
    """Feedback is never changed, but for this: its particulars and its source's name for it may hold the address."""
    for feedback in Feedback.objects.filter(subscriber=person):
        feedback.detail, feedback.unique_id = {}, f"erased:{secrets.token_hex(16)}"
        feedback.save(update_fields=["detail", "unique_id"])


def _forget_first_few(keys: set[str]) -> None:
    """Campaigns may name the addresses that get the letter before the others."""
    for campaign in Campaign.objects.exclude(canary_addresses=[]).only("canary_addresses"):
        kept = [address for address in campaign.canary_addresses if address.casefold() not in keys]
        if kept != campaign.canary_addresses:
            campaign.canary_addresses = kept
            campaign.save(update_fields=["canary_addresses"])
