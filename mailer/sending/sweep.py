"""What was left lying is taken up again: launches cut short, batches whose lease ran out, deferred deliveries that are due."""

from __future__ import annotations

from mailer.models import Batch, Campaign
from mailer.sending.batches import finish_if_done
from mailer.sending.burying import bury_the_dead
from mailer.sending.canary import watch_canaries
from mailer.sending.dispatch import queue_batches, queue_rows
from mailer.sending.launch import finish_launch, give_up
from mailer.sending.planning import LaunchError


def sweep_all() -> int:
    """Finish interrupted launches and queue every batch with something due. Return how many batches were queued.

    PostgreSQL is the truth: after this, nothing is lost that Redis or a dead worker forgot. Running it twice does no harm.
    """
    for campaign_id in Campaign.objects.filter(status=Campaign.Status.LAUNCHING).values_list("pk", flat=True):
        try:
            finish_launch(campaign_id, by="sweep")
        except LaunchError as problem:
            # One campaign that can't be launched must not keep the others waiting.
            give_up(campaign_id, str(problem), by="sweep")
    bury_the_dead()
    watch_canaries()
    for campaign_id in Batch.objects.filter(is_made=False).values_list("campaign_id", flat=True).distinct():
        queue_rows(campaign_id)
    queued = queue_batches()
    for campaign_id in Campaign.objects.filter(status=Campaign.Status.SENDING).values_list("pk", flat=True):
        finish_if_done(campaign_id)
    return queued
