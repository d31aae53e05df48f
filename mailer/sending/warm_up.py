"""The plan by which a new relay's address becomes known: 50 messages on its first day, then twice as many each day.

Mailbox providers distrust an address that sends much at once and was never seen before; they all ask to begin with little and to grow.
"""

from __future__ import annotations

from datetime import date

from mailer.sending.relays import Relay

FIRST_DAY = 50
# Whoever has sent so many in a day is known.
ENOUGH = 100_000
_HOURS = 24


def allowance(relay: Relay, day: date) -> int | None:
    """Return how many messages a relay may take on this day; None when it has no plan, or the plan is done.

    The plan is done on the first day that would allow more than the relay's hours do, or more than 100,000. Before its first day it
    allows none.
    """
    if relay.warm_up is None:
        return None
    days = (day - relay.warm_up).days
    if days < 0:
        return 0
    most = min(ENOUGH, relay.per_hour * _HOURS) if relay.per_hour else ENOUGH
    # 2 to the 11th times 50 is more than enough: no need for larger numbers.
    planned = FIRST_DAY << min(days, 11)
    return planned if planned <= most else None
