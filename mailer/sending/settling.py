"""What workers left in cancelled campaigns is settled: nobody leases those batches any more, so that the sweep has to look."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from mailer.models import Batch, Campaign
from mailer.sending.control import end_cancelled
from mailer.sending.leases import Lease, give_back
from mailer.sending.recording import recover


def settle_cancelled() -> int:
    """End cancellings that were cut short, and batches whose worker died over them. Return how many of both. Twice does no harm."""
    cut_short = list(
        Campaign.objects.filter(status=Campaign.Status.CANCELLED, finished_at=None).values_list("pk", flat=True)
    )
    for campaign_id in cut_short:
        end_cancelled(campaign_id)
    abandoned = list(_abandoned().values_list("pk", flat=True))
    return len(cut_short) + sum(_settle(batch_id) for batch_id in abandoned)


def _abandoned() -> QuerySet[Batch]:
    # The machine with the journal has the first word (see `leases`).
    long_ago = timezone.now() - timedelta(seconds=settings.LEASE_GRACE_SECONDS)
    return Batch.objects.filter(campaign__status=Campaign.Status.CANCELLED, leased_until__lt=long_ago).exclude(
        lease_owner=""
    )


@transaction.atomic
def _settle(batch_id: int) -> bool:
    """Record what the dead worker's journal knows, as whoever takes a batch over does, and give the batch back in its name."""
    batch = _abandoned().select_for_update(of=("self",), skip_locked=True).filter(pk=batch_id).first()
    if batch is None:
        return False
    # The row is locked until it has no owner: should that worker live after all, it finds the batch no longer its own.
    lease = Lease(
        batch.pk, batch.campaign_id, batch.lease_owner, previous_owner=batch.previous_owner or batch.lease_owner
    )
    recover(lease)
    give_back(lease)
    return True
