"""What was left lying is taken up again: launches cut short, batches whose lease ran out, deferred deliveries that are due."""

from __future__ import annotations

from django.db.models import Q

from mailer.models import Batch, Campaign, Delivery
from mailer.sending.batches import finish_if_done
from mailer.sending.canary import watch_canaries
from mailer.sending.connection_slots import configured_slots
from mailer.sending.dispatch import queue_batches, queue_rows
from mailer.sending.journal import dead_journals, deliveries_in, journal_folder, remove_journal
from mailer.sending.launch import finish_launch, give_up
from mailer.sending.leases import end_lease
from mailer.sending.planning import LaunchError
from mailer.sending.relays import configured_relays
from mailer.sending.settling import settle_cancelled
from mailer.sending.stale import stop_stale


def sweep_all() -> int:
    """Finish interrupted launches and queue every batch with something due. Return how many batches were queued.

    PostgreSQL is the truth: after this, nothing is lost that Redis or a dead worker forgot. Running it twice does no harm.
    """
    stop_stale()
    for campaign_id in Campaign.objects.filter(status=Campaign.Status.LAUNCHING).values_list("pk", flat=True):
        try:
            finish_launch(campaign_id, by="sweep")
        except LaunchError as problem:
            # One campaign that can't be launched must not keep the others waiting.
            give_up(campaign_id, str(problem), by="sweep")
    bury_the_dead()
    settle_cancelled()
    watch_canaries()
    for campaign_id in Batch.objects.filter(is_made=False).values_list("campaign_id", flat=True).distinct():
        queue_rows(campaign_id)
    queued = queue_batches()
    for campaign_id in Campaign.objects.filter(status=Campaign.Status.SENDING).values_list("pk", flat=True):
        finish_if_done(campaign_id)
    return queued


def bury_the_dead() -> int:
    """End the leases and connections of this machine's dead workers at once, and remove journals that have nothing more to tell.

    Return how many were removed.
    """
    removed = 0
    folder = journal_folder()
    for name in dead_journals(folder):
        end_lease(name)
        configured_slots().end(f"{name}:", configured_relays())
        named = deliveries_in(folder, name)
        # Read only after the lease has ended: what is still `sending` will be looked up here by whoever takes the batch over.
        if not Delivery.objects.filter(pk__in=named, status=Delivery.Status.SENDING).exists() and not _was_owner(name):
            remove_journal(folder, name)
            removed += 1
    return removed


def _was_owner(name: str) -> bool:
    # Or whoever took over from it may just be reading it.
    taken_over = Q(previous_owner=name) & ~Q(lease_owner="")
    return Batch.objects.filter(Q(lease_owner=name) | taken_over).exists()
