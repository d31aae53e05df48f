"""Someone leaves: off the list at once, and out of every campaign that has not reached them yet."""

from __future__ import annotations

import re

from django.db import connection, transaction

from mailer.sending.taking import skip_waiting
from subscribers.models import Subscriber
from subscribers.preferences import unsubscribe
from subscribers.tokens import Holder, TokenError, read_token

# What we put into the mailto: of List-Unsubscribe (RFC 2369, 3.2). Programs put words of their own before it, and fold it.
_IN_SUBJECT = re.compile(r"\bunsubscribe\s+([A-Za-z0-9_-]{40})(?![A-Za-z0-9_-])", re.IGNORECASE)


def read_unsubscribe_mail(subject: str) -> Holder:
    """Return whose leaving a mail to our unsubscribe address asks for. Raises TokenError for one that names nobody of ours.

    The token is the proof, and the address that the mail came from is none: anyone can write it, and people have several.
    """
    found = _IN_SUBJECT.search(subject)
    if found is None:
        raise TokenError("The subject has no unsubscribe token in it: a person must read this mail.")
    return read_token("unsubscribe", found[1])


# What was told before is not added a second time.
_NOTE = """
    INSERT INTO mailer_feedback (kind, unique_id, subscriber_id, campaign_id, delivery_id, source, detail, at)
    SELECT 'unsubscribe', %(unique_id)s, %(subscriber)s,
           (SELECT id FROM mailer_campaign WHERE id = %(campaign)s),
           (SELECT id FROM mailer_delivery WHERE campaign_id = %(campaign)s AND subscriber_id = %(subscriber)s),
           %(source)s, '{}', now()
    ON CONFLICT (unique_id) DO NOTHING
"""


@transaction.atomic
def leave(holder: Holder, *, source: str) -> Subscriber | None:
    """Take the holder of an unsubscribe token off the list, and skip what is still queued for them.

    Return the person, or None when no such person is left. Doing it twice changes nothing.
    """
    subscriber = unsubscribe(holder.subscriber_id, source=source)
    if subscriber is None:
        return None
    values: dict[str, int | str] = {
        "subscriber": subscriber.pk,
        "campaign": holder.campaign_id,
        "unique_id": f"unsubscribe:{holder.campaign_id}:{subscriber.pk}",
        "source": source,
    }
    skip_waiting(subscriber.pk, Subscriber.Status.UNSUBSCRIBED)
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)
    return subscriber
