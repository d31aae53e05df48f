"""A batch: lease it, send what is in it, give it back. The lease in PostgreSQL decides who works on it, whatever Celery delivers twice."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from mailer.models import Batch, Campaign, Delivery
from mailer.sending.message import Mould, Recipient, fill_mould, make_mould
from mailer.sending.outcomes import Outcome, judge
from mailer.sending.relays import configured_relay
from mailer.sending.smtp import Connection
from mailer.sending.states import change_status
from mailer.sending.wire import RelayUnavailable

logger = logging.getLogger(__name__)

# Longer than the slowest single message may take (600 s for the final dot, and the phases before), as the lease is renewed at each message.
LEASE_SECONDS = 15 * 60
RELAY_RETRY = timedelta(minutes=1)


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
    """Send each delivery of the batch that is due. When the relay can't be used the batch is held, and no delivery is blamed."""
    waiting = list(_due_ids(lease))
    if not waiting:
        return
    try:
        with Connection(configured_relay()) as wire:
            moulds: dict[int, Mould] = {}
            for delivery_id in waiting:
                if not renew(lease):
                    return
                _send_one(delivery_id, wire, moulds)
    except RelayUnavailable as problem:
        _hold(lease, str(problem))
    else:
        Campaign.objects.filter(pk=lease.campaign_id).exclude(held_because="").update(held_because="")


def _due_ids(lease: Lease) -> Iterator[int]:
    # `sending` is what a dead worker left: the relay may have it or not, so it is sent again, with the same Message-ID.
    due = Q(status__in=[Delivery.Status.PENDING, Delivery.Status.SENDING]) | Q(
        status=Delivery.Status.DEFERRED, next_attempt_at__lte=timezone.now()
    )
    return (
        Delivery.objects.filter(due, campaign_id=lease.campaign_id, batch_number=lease.number)
        .order_by("pk")
        .values_list("pk", flat=True)
        .iterator()
    )


def _send_one(delivery_id: int, wire: Connection, moulds: dict[int, Mould]) -> None:
    delivery = take(delivery_id)
    if delivery is None:
        return
    if delivery.variant_id not in moulds:
        moulds[delivery.variant_id] = make_mould(delivery.campaign, delivery.variant)
    now = timezone.now()
    recipient = Recipient(
        delivery_id=delivery.pk,
        subscriber_id=delivery.subscriber_id,
        address=delivery.address,
        name=delivery.subscriber.name,
    )
    envelope, message = fill_mould(moulds[delivery.variant_id], recipient, now=delivery.first_attempt_at or now)
    reply = wire.deliver(envelope, message)
    outcome = judge(reply, attempts=delivery.attempts, first_attempt_at=delivery.first_attempt_at or now, now=now)
    record(delivery_id, outcome)


# The person is looked at in the same statement that takes the delivery: who left a moment ago gets nothing.
_TAKE = """
    UPDATE mailer_delivery d SET
        status = CASE WHEN x.reason = '' THEN 'sending' ELSE 'skipped' END,
        skip_reason = x.reason,
        attempts = d.attempts + CASE WHEN x.reason = '' THEN 1 ELSE 0 END,
        first_attempt_at = COALESCE(d.first_attempt_at, CASE WHEN x.reason = '' THEN now() END),
        finished_at = CASE WHEN x.reason = '' THEN NULL ELSE now() END
    FROM (
        SELECT s.id, CASE WHEN s.status <> 'active' THEN s.status
                          WHEN EXISTS (SELECT 1 FROM subscribers_suppression p WHERE p.address_hash = s.address_hash)
                          THEN 'suppressed' ELSE '' END AS reason
        FROM subscribers_subscriber s
    ) x
    WHERE d.id = %s AND x.id = d.subscriber_id AND d.status IN ('pending', 'sending', 'deferred')
    RETURNING d.status
"""


def take(delivery_id: int) -> Delivery | None:
    """Mark a delivery as on the wire, and return it; or mark it as skipped, with the reason, and return None."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [delivery_id])
        taken = cursor.fetchone()
    if taken is None or taken[0] != Delivery.Status.SENDING:
        return None
    return Delivery.objects.select_related("campaign", "variant", "subscriber").get(pk=delivery_id)


def record(delivery_id: int, outcome: Outcome) -> None:
    """Write down what became of a delivery."""
    reply = outcome.reply
    Delivery.objects.filter(pk=delivery_id).update(
        status=outcome.status,
        next_attempt_at=outcome.next_attempt_at,
        finished_at=None if outcome.status == Delivery.Status.DEFERRED else timezone.now(),
        reply_code=reply.code,
        enhanced_code=reply.enhanced_code,
        reply_text=reply.text,
        queue_id=reply.queue_id,
    )


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
