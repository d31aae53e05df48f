"""What the relay's answer means: sent, tried again later, or never. The one place where reply codes are read."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import NamedTuple

from mailer.models import Delivery
from mailer.sending.wire import Reply

# RFC 5321, 4.5.4.1: give up after 4-5 days at the latest; a weekly letter is stale after three.
GIVE_UP_AFTER = timedelta(hours=72)
# RFC 5321, 4.5.4.1 asks for at least 30 minutes between tries; greylisting lets through after five to fifteen.
FIRST_RETRY = timedelta(minutes=15)
LONGEST_RETRY = timedelta(hours=6)


class Outcome(NamedTuple):
    """What became of one try. `next_attempt_at` is set when it is to be tried again."""

    status: Delivery.Status
    reply: Reply
    next_attempt_at: datetime | None = None


def is_temporary(reply: Reply) -> bool:
    """Tell whether the same message may be accepted later.

    4yz is temporary (RFC 5321, 4.2.1), and so is 552 after RCPT, which old servers say for "too many recipients" (RFC 5321, 4.5.3.1.10).
    """
    return 400 <= reply.code < 500 or (reply.code == 552 and reply.command == "RCPT")  # noqa: PLR2004  # reply codes are their own names


def is_about_us(reply: Reply) -> bool:
    """Tell whether a final refusal is about the sender or the connection, so that it would meet every reader alike.

    MAIL names the sender and the size, and nobody else (RFC 5321, 3.3); 530 asks for signing in or for STARTTLS (RFC 4954, 6; RFC 3207, 4),
    and so do 534, 535 and 538 (RFC 4954, 6).
    """
    return reply.code in {530, 534, 535, 538} or (reply.command == "MAIL" and reply.code >= 500)  # noqa: PLR2004  # as above


def judge(reply: Reply, *, attempts: int, first_attempt_at: datetime, now: datetime) -> Outcome:
    """Return the outcome of a try that the relay answered. `attempts` counts this one."""
    if reply.is_positive:
        return Outcome(Delivery.Status.SENT, reply)
    if not is_temporary(reply) or now - first_attempt_at >= GIVE_UP_AFTER:
        return Outcome(Delivery.Status.FAILED, reply)
    return Outcome(Delivery.Status.DEFERRED, reply, next_attempt_at=now + retry_delay(attempts))


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after this many tries: doubled each time, and spread by a fifth so that a domain isn't hit all at once."""
    doublings = min(attempts - 1, 10)
    delay: timedelta = min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)
    return delay * random.uniform(0.8, 1.2)  # noqa: S311  # jitter, not a secret
