"""One owed mail on its way: claimed, written, handed over, and what became of it.

Claiming is one conditional UPDATE, so that of two workers one sends. What is on the wire when a worker dies is sent again with the
same Message-ID when its lease has run out.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from mailer.models.pictures import keep_picture
from mailer.sending.envelope import EnvelopeError
from mailer.sending.letterhead import configured_theme
from mailer.sending.outcomes import GIVE_UP_AFTER, is_temporary, retry_delay
from mailer.sending.relays import configured_relays
from mailer.sending.smtp import Connection, Envelope
from mailer.sending.wire import RelayUnavailable, Reply
from mailer.transactional.mails import WRITERS
from mailer.transactional.message import message_of
from mailer.transactional.stale import too_late
from subscribers.addresses import shorten
from subscribers.models import OwedMail

logger = logging.getLogger(__name__)

# RFC 5321, 4.5.3.2.6 lets a relay think for ten minutes about a message.
LEASE = timedelta(minutes=15)
RELAY_DOWN = timedelta(minutes=1)
# How long a mail may wait before a page says that mail is late.
LATE = timedelta(minutes=2)


def deliver(owed_id: int) -> timedelta | None:
    """Send one owed mail, unless another worker is at it or it is done. Return how long to wait before the next try, or None."""
    owed = _claim(owed_id)
    if owed is None:
        return None
    created_at = owed.created_at
    why = too_late(owed)
    mail = None if why else WRITERS[owed.kind](owed)
    if mail is None:
        return _finish(owed, OwedMail.Outcome.GIVEN_UP if why else OwedMail.Outcome.NOT_NEEDED, why)
    _keep_logo()
    try:
        reply = _hand_over(*message_of(mail, owed_id=owed.pk, at=timezone.localtime(created_at)))
    except EnvelopeError as problem:
        reply = problem.reply
    except RelayUnavailable as problem:
        logger.warning("a mail to %s waits: %s", shorten(mail.to.address), problem)
        return _put_back(owed, RELAY_DOWN, str(problem))
    if reply.is_positive:
        return _finish(owed, OwedMail.Outcome.SENT, reply.text)
    if is_temporary(reply):
        return _put_back(owed, retry_delay(owed.attempts), f"{reply.code} {reply.text}")
    return _finish(owed, OwedMail.Outcome.REFUSED, f"{reply.code} {reply.text}")


def _keep_logo() -> None:
    """Put the pictures of the theme's header where the mail leads to."""
    if logo := configured_theme().logo:
        for picture in logo.pictures:
            keep_picture(picture, logo.alt)


def _claim(owed_id: int) -> OwedMail | None:
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    claimed = OwedMail.objects.filter(free, pk=owed_id, due_at__lte=now).update(
        leased_until=now + LEASE, attempts=F("attempts") + 1
    )
    return OwedMail.objects.select_related("subscriber").get(pk=owed_id) if claimed else None


def _hand_over(envelope: Envelope, message: bytes) -> Reply:
    """Return the reply of the first relay that can be used. Raises RelayUnavailable when none can."""
    relays = configured_relays()
    for relay in relays[:-1]:
        try:
            wire = Connection(relay)
            wire.open()
        except RelayUnavailable:
            continue
        with wire:
            return wire.deliver(envelope, message)
    with Connection(relays[-1]) as wire:
        return wire.deliver(envelope, message)


@transaction.atomic
def _finish(owed: OwedMail, outcome: OwedMail.Outcome, problem: str) -> None:
    # What was typed is not kept longer than it is needed.
    owed.address, owed.detail = "", {}
    owed.outcome, owed.problem = outcome, "" if outcome == OwedMail.Outcome.SENT else problem
    owed.finished_at, owed.due_at, owed.leased_until = timezone.now(), None, None
    owed.save()


def _put_back(owed: OwedMail, delay: timedelta, problem: str) -> timedelta | None:
    now = timezone.now()
    if now - owed.created_at >= GIVE_UP_AFTER:
        return _finish(owed, OwedMail.Outcome.GIVEN_UP, problem)
    OwedMail.objects.filter(pk=owed.pk).update(due_at=now + delay, leased_until=None, problem=problem)
    return delay


def is_late() -> bool:
    """Tell whether mail to single people does not get out at the moment: the relay is away, or nobody sends.

    That one address is refused for a while (a reply, which begins with its code) is nobody else's business.
    """
    now = timezone.now()
    waiting = OwedMail.objects.filter(due_at__isnull=False)
    no_relay = ~Q(problem="") & ~Q(problem__regex=r"^[0-9]{3} ")
    return waiting.filter(no_relay | Q(due_at__lt=now - LATE)).exists()
