"""A batch: lease it, send what is in it, give it back."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial

from celery.signals import worker_process_shutdown
from django.conf import settings
from django.db import connections
from django.db.models import Q
from django.utils import timezone

from mailer.models import Batch, Campaign, Delivery
from mailer.sending.canary import pause_in_words
from mailer.sending.connection_slots import configured_slots
from mailer.sending.dispatch import queue_next_turn
from mailer.sending.fleet import Fleet
from mailer.sending.handover import End, Handover
from mailer.sending.journal import Journal, journal_folder
from mailer.sending.leases import Lease, claim, give_back, has_other_due, let_go, next_campaign, next_due, renew
from mailer.sending.materialise import has_many_to_make
from mailer.sending.patience import patiently
from mailer.sending.recording import recover
from mailer.sending.stale import stop_stale
from mailer.sending.states import change_status
from mailer.sending.stopping import is_stopping
from mailer.sending.taking import put_back, take_from

logger = logging.getLogger(__name__)

# Another campaign, a sweep, or the making of rows waits no longer than this for a worker that has much to send.
TURN_SECONDS = 10.0
# And so much longer for the batch that it is at: quick relays are through with it by then; of slow ones the rest is put back.
LAST_BATCH_SECONDS = 5.0
# While a large campaign has no rows yet, whoever sends its first letters comes back soon to help make them.
TURN_WITHOUT_ROWS_SECONDS = 0.5


def work_batch(batch_id: int) -> None:
    """Send what is due in a batch, unless another process holds its lease."""
    campaign_id = _claim_and_work(batch_id, math.inf)
    if campaign_id is not None:
        patiently(lambda: finish_if_done(campaign_id))


def _claim_and_work(batch_id: int, ends: float) -> int | None:
    """Do so; of what is not begun when it `ends` (monotonic), all waits. Return whose batch it was, None where it was not to be had."""
    with _alone_with(batch_id) as is_alone:
        fleet = own_fleet()
        lease = patiently(lambda: claim(batch_id, owner=fleet.journal.name)) if is_alone else None
        if lease is None:
            return None
        _work(lease, fleet, ends)
        return lease.campaign_id


_at_work: set[int] = set()
_at_work_lock = threading.Lock()


@contextmanager
def _alone_with(batch_id: int) -> Iterator[bool]:
    """Keep other threads of this process from a batch, which leases can't: they would be ours too. Gives whether nobody else is at it."""
    with _at_work_lock:
        is_alone = batch_id not in _at_work
        _at_work.add(batch_id)
    try:
        yield is_alone
    finally:
        if is_alone:
            _at_work.discard(batch_id)


def _work(lease: Lease, fleet: Fleet, ends: float) -> None:
    try:
        with fleet.journal.in_use():
            hold_seconds = send_due(lease, fleet, ends)
    except BaseException:
        # What could not be recorded stands in the journal: it is left as it is, and the next batch gets a new one.
        leave_fleet()
        patiently(lambda: let_go(lease))
        raise
    patiently(lambda: give_back(lease, hold_seconds=hold_seconds))


def send_due(lease: Lease, fleet: Fleet, ends: float) -> float:
    """Send what is due in a batch until it `ends`. Return for how many seconds it is to be left alone: 0 but when no relay can be used.

    Then the campaign is held, and no delivery is blamed.
    """
    if lease.is_made or lease.previous_owner:
        patiently(lambda: recover(lease))
    campaign = patiently(lambda: Campaign.objects.get(pk=lease.campaign_id))
    handover = Handover(
        campaign=campaign,
        lease=lease,
        fleet=fleet,
        take_more=partial(take_from, lease),
        lease_holds=lambda: renew(lease) and time.monotonic() < ends,
        put_back=lambda ids, waits, tried: put_back(ids, lease, wait_seconds=waits, tried=tried),
        held_until=lease.held_until,
    )
    end = handover.run()
    if end is End.HELD:
        logger.warning("campaign %s is held: %s", lease.campaign_id, handover.held_because)
        _tell(lease.campaign_id, handover.held_because)
    elif end is End.DONE and campaign.held_because:
        # Not what somebody else has told since this batch was begun.
        _tell(lease.campaign_id, pause_in_words(campaign), held_because=campaign.held_because)
    return handover.held_seconds


def _tell(campaign_id: int, why: str, **only_if: object) -> None:
    campaign = Campaign.objects.filter(pk=campaign_id, **only_if)
    patiently(lambda: campaign.update(held_because=why))


@lru_cache(maxsize=1)
def _fleet_of(process: int) -> Fleet:
    return Fleet(Journal(journal_folder()), settings.CONNECTIONS_PER_WORKER)


def own_fleet() -> Fleet:
    """Return this process's lanes and journal; a forked child gets its own."""
    return _fleet_of(os.getpid())


def leave_fleet() -> None:
    """Give up the lanes and the journal: the file stays for whoever takes over, and the next batch gets new ones."""
    fleet = own_fleet()
    _fleet_of.cache_clear()
    fleet.close(wait_seconds=0)


@worker_process_shutdown.connect
def _say_goodbye(**kwargs: object) -> None:
    if _fleet_of.cache_info().currsize:
        # Not for long: a lane that still waits for its relay has been given up.
        own_fleet().close(wait_seconds=0.5)
        configured_slots().give_all_back()


def finish_if_done(campaign_id: int) -> None:
    """Mark a campaign as sent when no batch of it waits for anything any more, and nobody has to decide about an uncertain delivery."""
    campaign = Campaign.objects.filter(pk=campaign_id, status=Campaign.Status.SENDING)
    all_of_them = Batch.objects.filter(campaign_id=campaign_id)
    to_do = Q(due_at__isnull=False) | Q(given_back_at=None) | ~Q(lease_owner="")
    if not campaign.exists() or all_of_them.filter(to_do).exists():
        return
    tallies = all_of_them.exclude(tally__isnull=True).values_list("tally__statuses__uncertain", flat=True)
    # Where something was changed from outside since it was given back, only the rows tell.
    uncounted = Delivery.objects.filter(
        batch__in=all_of_them.filter(tally__isnull=True), status=Delivery.Status.UNCERTAIN
    )
    if undecided := sum(number or 0 for number in tallies) + uncounted.count():
        why = f"{undecided} may or may not have got it: decide with `ukebrev campaign uncertain {campaign_id}`."
        campaign.exclude(held_because=why).update(held_because=why)
    elif campaign.update(finished_at=timezone.now(), held_because=""):
        change_status(campaign_id, Campaign.Status.SENT, by="worker")


def take_turn() -> None:
    """Send what is due of the campaign whose turn it is, batch by batch, for a while; then let others have theirs.

    Two batches are worked on at a time, so that the lanes have something to send while one of them is begun or ended in the database.
    """
    campaign_id = patiently(next_campaign)
    batch_id = None if campaign_id is None else patiently(lambda: next_due(campaign_id))
    if campaign_id is None or batch_id is None or patiently(lambda: stop_stale(campaign_id)):
        return
    is_short = patiently(lambda: has_many_to_make(campaign_id))
    turn_ends = time.monotonic() + (TURN_WITHOUT_ROWS_SECONDS if is_short else TURN_SECONDS)
    beside = threading.Thread(target=_work_beside, args=(campaign_id, turn_ends), name="batches", daemon=True)
    if patiently(lambda: has_other_due(campaign_id, batch_id)):
        beside.start()
    _work_on(campaign_id, batch_id, turn_ends)
    if beside.ident is not None:
        beside.join()
    left = None if is_stopping() else patiently(_next_of_any)
    if left is not None:
        queue_next_turn(left)


def _next_of_any() -> int | None:
    campaign_id = next_campaign()
    return None if campaign_id is None else next_due(campaign_id)


def _work_on(campaign_id: int, batch_id: int | None, turn_ends: float) -> None:
    while batch_id is not None and time.monotonic() < turn_ends and not is_stopping():
        _claim_and_work(batch_id, turn_ends + LAST_BATCH_SECONDS)
        batch_id = patiently(lambda: next_due(campaign_id))
    # Not after each batch: whoever does the last one comes by here after it.
    patiently(lambda: finish_if_done(campaign_id))


def _work_beside(campaign_id: int, turn_ends: float) -> None:
    try:
        _work_on(campaign_id, patiently(lambda: next_due(campaign_id)), turn_ends)
    except Exception:
        # Its batch is given back, or its lease runs out; the other thread goes on, and the sweep comes by.
        logger.exception("a batch of campaign %s was broken off", campaign_id)
    finally:
        connections.close_all()
