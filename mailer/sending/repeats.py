"""A second press of Send, from another window or another machine, is no second campaign."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from mailer.models import Campaign, Issue
from mailer.sending.planning import LaunchError, Order

# Whoever presses twice does it within moments; whoever wants it twice waits, or says so.
_MOMENTS = timedelta(minutes=10)
_UNDER_WAY = (Campaign.Status.SCHEDULED, Campaign.Status.LAUNCHING, Campaign.Status.SENDING, Campaign.Status.PAUSED)


def refuse_repeat(order: Order) -> None:
    """Raise LaunchError when the same issue is going to the same people, or went moments ago, unless the order wants it again.

    To be called in the transaction that makes the campaign: until its end nobody else makes one of this issue.
    """
    Issue.objects.select_for_update(of=("self",)).get(pk=order.issue.pk)
    if order.again:
        return
    of = order.people_of
    same = Campaign.objects.filter(
        issue=order.issue,
        audience_filter=order.audience.as_json(),
        people_of=of.campaign if of else None,
        people_who=of.who if of else "",
        people_variants=list(of.variants) if of else [],
    ).exclude(status=Campaign.Status.CANCELLED)
    recent = Q(created_at__gte=timezone.now() - _MOMENTS)
    earlier = same.filter(Q(status__in=_UNDER_WAY) | recent).order_by("-pk").first()
    if earlier is not None:
        at = timezone.localtime(earlier.created_at)
        raise LaunchError(
            f"{order.issue.slug} goes to the same people already: campaign {earlier.pk} of {at:%H:%M} is {earlier.status}."
            " To send it once more all the same, say `--again`."
        )
