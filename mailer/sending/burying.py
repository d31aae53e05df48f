"""What the dead of this machine left is settled here, where their journals are, before anybody elsewhere may have their batches."""

from __future__ import annotations

import logging
import threading
import time

from celery.signals import worker_process_init
from django.db import connections, transaction
from django.db.models import Q

from mailer.models import Batch, Delivery
from mailer.sending.connection_slots import configured_slots
from mailer.sending.dispatch import queue_batches
from mailer.sending.journal import dead_journals, deliveries_in, journal_folder, remove_journal
from mailer.sending.leases import batches_left_by, give_back, lease_left_by
from mailer.sending.recording import recover
from mailer.sending.relays import configured_relays

logger = logging.getLogger(__name__)

# In seconds. To see that nobody died takes a worker process some microseconds, and no question to the database.
_EVERY = 5.0


def bury_the_dead() -> int:
    """Settle and free the batches of this machine's dead workers, end their connections, and remove journals with nothing more to tell.

    Return how many were removed. May be done by several processes at once.
    """
    removed = 0
    folder = journal_folder()
    for name in dead_journals(folder):
        campaigns = {_free(batch_id, name) for batch_id in batches_left_by(name)}
        configured_slots().end(f"{name}:", configured_relays())
        for campaign_id in campaigns - {None}:
            queue_batches(campaign_id)
        named = deliveries_in(folder, name)
        # Whoever took over from it may just be reading it.
        if not Delivery.objects.filter(pk__in=named, status=Delivery.Status.SENDING).exists() and not _was_owner(name):
            remove_journal(folder, name)
            removed += 1
    return removed


@transaction.atomic
def _free(batch_id: int, name: str) -> int | None:
    """Settle a batch in the name of the dead, whose lease its lock keeps for us. Return its campaign, or None when others did it."""
    lease = lease_left_by(name, batch_id)
    if lease is None:
        return None
    recover(lease)
    give_back(lease)
    return lease.campaign_id


def _was_owner(name: str) -> bool:
    taken_over = Q(previous_owner=name) & ~Q(lease_owner="")
    return Batch.objects.filter(Q(lease_owner=name) | taken_over).exists()


@worker_process_init.connect
def _begin_to_watch(**kwargs: object) -> None:
    # In each process that works, and not in the sweep alone: its task runs on one machine, and the journals of the others are not there.
    threading.Thread(target=_watch, name="burying", daemon=True).start()


def _watch() -> None:
    while True:
        try:
            if dead_journals(journal_folder()):
                bury_the_dead()
        except Exception:
            # The database may be away, for instance: the dead can wait, and the living must not be disturbed.
            logger.exception("what dead workers left could not be settled yet")
        finally:
            connections.close_all()
        time.sleep(_EVERY)
