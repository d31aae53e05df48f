"""A batch: lease it, send what is in it, give it back. The lease in PostgreSQL decides who works on it, whatever Celery delivers twice."""

from __future__ import annotations

import logging
import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.db import connection
from django.utils import timezone

from mailer.models import Batch, Campaign, Delivery
from mailer.sending.handover import Handover
from mailer.sending.journal import Journal
from mailer.sending.recording import journal_folder, recover
from mailer.sending.relays import configured_relay
from mailer.sending.smtp import Connection
from mailer.sending.states import change_status
from mailer.sending.taking import take
from mailer.sending.wire import RelayUnavailable

logger = logging.getLogger(__name__)

# Longer than the slowest single message may take (600 s for the final dot, and the phases before), as the lease is renewed at each message.
LEASE_SECONDS = 15 * 60
RELAY_RETRY = timedelta(minutes=1)
# Taken at a time: what a machine that is lost for good may leave without a word is no more than these.
CHUNK = 50


@dataclass(frozen=True, slots=True)
class Lease:
    """That this process may work on a batch until the lease runs out."""

    batch_id: int
    campaign_id: int
    number: int
    owner: str


def work_batch(batch_id: int) -> None:
    """Send what is due in a batch, unless another process holds its lease."""
    lease = claim(batch_id)
    if lease is None:
        return
    try:
        send_due(lease)
    finally:
        give_back(lease)
    finish_if_done(lease.campaign_id)


# Written as one UPDATE with its conditions on the row itself: when two workers come at once, the second waits for the first one's row
# lock and then tests the conditions again on what the first one wrote. A condition in a subquery would not be tested again.
_CLAIM = """
    UPDATE mailer_batch b SET lease_owner = %(owner)s, leased_until = now() + make_interval(secs => %(lease)s)
    FROM mailer_campaign c
    WHERE b.id = %(batch)s AND b.due_at <= now() AND (b.leased_until IS NULL OR b.leased_until < now())
      AND c.id = b.campaign_id AND c.status = 'sending'
    RETURNING b.campaign_id, b.number
"""


def claim(batch_id: int) -> Lease | None:
    """Lease a batch by one conditional UPDATE. Return None when it is leased, not due, or its campaign is not sending."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"owner": owner, "lease": LEASE_SECONDS, "batch": batch_id})
        row = cursor.fetchone()
    return Lease(batch_id=batch_id, campaign_id=row[0], number=row[1], owner=owner) if row else None


_RENEW = """
    UPDATE mailer_batch b SET leased_until = now() + make_interval(secs => %(lease)s)
    FROM mailer_campaign c
    WHERE b.id = %(batch)s AND b.lease_owner = %(owner)s AND c.id = b.campaign_id AND c.status = 'sending'
"""


def renew(lease: Lease) -> bool:
    """Hold the lease longer, if it is still ours and the campaign still sends."""
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, {"lease": LEASE_SECONDS, "batch": lease.batch_id, "owner": lease.owner})
        return bool(cursor.rowcount)


def give_back(lease: Lease) -> None:
    """Free the batch, and tell when there will be something to do in it again: the earliest deferred delivery, or never."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE mailer_batch b SET lease_owner = '', leased_until = NULL, due_at = (
                SELECT min(CASE WHEN d.status = 'deferred' THEN d.next_attempt_at ELSE GREATEST(b.due_at, now()) END)
                FROM mailer_delivery d
                WHERE d.campaign_id = b.campaign_id AND d.batch_number = b.number
                  AND d.status IN ('pending', 'sending', 'deferred'))
            WHERE b.id = %s AND b.lease_owner = %s
            """,
            [lease.batch_id, lease.owner],
        )


def send_due(lease: Lease) -> None:
    """Send what is due in the batch. When the relay can't be used the batch is held, and no delivery is blamed."""
    recover(campaign_id=lease.campaign_id, batch_number=lease.number)
    try:
        with Connection(configured_relay()) as wire:
            _send_all(lease, wire)
    except RelayUnavailable as problem:
        _hold(lease, str(problem))
    else:
        Campaign.objects.filter(pk=lease.campaign_id).exclude(held_because="").update(held_because="")


def _send_all(lease: Lease, wire: Connection) -> None:
    handover = Handover(
        campaign=Campaign.objects.get(pk=lease.campaign_id),
        wire=wire,
        journal=own_journal(),
        lease_holds=lambda: renew(lease),
    )
    while renew(lease):
        taken, found = take(campaign_id=lease.campaign_id, batch_number=lease.number, limit=CHUNK)
        if not found or not handover.send(taken):
            return


@lru_cache(maxsize=1)
def _journal_of(process: int) -> Journal:
    return Journal(journal_folder())


def own_journal() -> Journal:
    """Return this process's journal; a forked child gets one of its own."""
    return _journal_of(os.getpid())


def _hold(lease: Lease, why: str) -> None:
    logger.warning("campaign %s is held: %s", lease.campaign_id, why)
    Campaign.objects.filter(pk=lease.campaign_id).update(held_because=why)
    Batch.objects.filter(pk=lease.batch_id, lease_owner=lease.owner).update(due_at=timezone.now() + RELAY_RETRY)


def finish_if_done(campaign_id: int) -> None:
    """Mark a campaign as sent when no delivery of it waits for anything any more."""
    open_statuses = [Delivery.Status.PENDING, Delivery.Status.SENDING, Delivery.Status.DEFERRED]
    if Delivery.objects.filter(campaign_id=campaign_id, status__in=open_statuses).exists():
        return
    sending = Campaign.objects.filter(pk=campaign_id, status=Campaign.Status.SENDING)
    if sending.update(finished_at=timezone.now(), held_because=""):
        change_status(campaign_id, Campaign.Status.SENT, by="worker")
