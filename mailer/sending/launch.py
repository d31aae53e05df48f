"""From an approved plan to batches that workers can take: freeze the letters, freeze the audience, queue."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from mailer.models import Campaign
from mailer.sending.dispatch import queue_batches, queue_rows
from mailer.sending.first_readers import first_readers, plan_order
from mailer.sending.freeze import freeze
from mailer.sending.letterhead import configured_theme
from mailer.sending.materialise import freeze_audience, has_many_to_make
from mailer.sending.planning import LaunchError, Order, PeopleOf, drift, people, plan
from mailer.sending.repeats import refuse_repeat
from mailer.sending.states import change_status

logger = logging.getLogger(__name__)


@transaction.atomic
def create_campaign(order: Order) -> Campaign:
    """Return a new draft campaign, with the sum that was approved. Raises as `plan_order` and `refuse_repeat` do."""
    refuse_repeat(order)
    approved = plan_order(order)
    campaign = Campaign(
        issue=order.issue,
        audience_filter=order.audience.as_json(),
        from_name=order.sender.name or configured_theme().sender.name,
        from_address=order.sender.address,
        reply_to=order.reply_to or settings.MAIL_REPLY_TO,
        list_id=settings.LIST_ID or f"ukebrev.{order.sender.domain}",
        approved=approved.as_sum(),
    )
    if order.people_of is not None:
        campaign.people_of = order.people_of.campaign
        campaign.people_who = order.people_of.who
        campaign.people_variants = list(order.people_of.variants)
    if order.canary is not None:
        campaign.canary_percent = order.canary.percent
        campaign.canary_addresses = list(order.canary.addresses)
        campaign.canary_minutes = order.canary.minutes
    campaign.save()
    return campaign


def launch(campaign_id: int, *, by: str) -> bool:
    """Launch a draft or scheduled campaign once, however often and from wherever it is asked.

    Return False when it was launched already. The claim is committed before the work, so that a second press of Send sees it; if the
    work is cut short, the sweep takes it up again. Raises LaunchError, and cancels the campaign, when nobody is left in it, and whatever
    else the freezing raises (a template or a setting that can't be used, for instance): then it stays as it is, with the reason.
    """
    if not change_status(campaign_id, Campaign.Status.LAUNCHING, by=by):
        return False
    _finish_or_tell(campaign_id, by=by)
    return True


def take_up_launch(campaign_id: int) -> None:
    """Finish a launch that was cut short, or could not be finished before, or give it up.

    Raises what the freezing raises, but for LaunchError; the reason is with the campaign in any case.
    """
    try:
        _finish_or_tell(campaign_id, by="sweep")
    except LaunchError as problem:
        logger.warning("campaign %s is not launched: %s", campaign_id, problem)


def _finish_or_tell(campaign_id: int, *, by: str) -> None:
    try:
        finish_launch(campaign_id, by=by)
    except LaunchError as problem:
        give_up(campaign_id, str(problem), by=by)
        raise
    except Exception as problem:
        # Somebody may mend the template, or the settings: it is tried again, and until then the editor is to know what it waits for.
        why = f"It can't be launched yet, and is tried again by itself: {problem}"
        connection.close_if_unusable_or_obsolete()
        Campaign.objects.filter(pk=campaign_id, status=Campaign.Status.LAUNCHING).update(held_because=why)
        raise


def give_up(campaign_id: int, why: str, *, by: str) -> None:
    """Cancel a campaign that can't be launched, and keep the reason with it."""
    Campaign.objects.filter(pk=campaign_id).update(held_because=why, finished_at=timezone.now())
    change_status(campaign_id, Campaign.Status.CANCELLED, by=by)


def finish_launch(campaign_id: int, *, by: str) -> None:
    """Freeze letters and audience of a campaign that is launching, in one transaction. Does nothing if it is no longer launching."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One snapshot for counting and freezing: who changes interests meanwhile is in or out as a whole.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('ukebrev.launch'), %s)", [campaign_id])
            (ours,) = cursor.fetchone()
        campaign = Campaign.objects.select_related("issue", "people_of").get(pk=campaign_id)
        if not ours or campaign.status != Campaign.Status.LAUNCHING:
            return
        _freeze(campaign)
        change_status(campaign_id, Campaign.Status.SENDING, by=by)
        transaction.on_commit(lambda: _tell_the_workers(campaign_id))


# What workers that send have not made by the way after these seconds is made beside the sending.
_UNTIL_THEN_SECONDS = 5.0
# The rows of more are made by several workers at once, so that soon everybody can see who is to get the campaign.
_MAKERS = 2


def _tell_the_workers(campaign_id: int) -> None:
    if has_many_to_make(campaign_id):
        # One worker begins to send at once, the next make the rows, and then all send.
        queue_batches(campaign_id, most=1)
        for _ in range(_MAKERS):
            queue_rows(campaign_id)
    else:
        queue_rows(campaign_id, in_seconds=_UNTIL_THEN_SECONDS)
    queue_batches(campaign_id)


def people_of(campaign: Campaign) -> PeopleOf | None:
    """Return whose earlier campaign this one follows up, if any."""
    if campaign.people_of is None:
        return None
    return PeopleOf(campaign.people_of, Campaign.People(campaign.people_who), tuple(campaign.people_variants))


def _freeze(campaign: Campaign) -> None:
    of = people_of(campaign)
    planned = plan(campaign.issue, campaign.audience, of)
    candidates = people(campaign.audience, of)
    assigned = freeze(campaign, planned.variants)
    first = first_readers(campaign, candidates, [segment for segment, _ in assigned], planned.recipients)
    frozen = freeze_audience(campaign, candidates, assigned, first)
    made, left_out = frozen.recipients, planned.left_out
    if made != planned.recipients or made + sum(left_out.values()) != planned.count.candidates:
        raise LaunchError(
            f"The sum does not add up: {planned.count.candidates} candidates, {made} deliveries, {left_out} left out."
        )
    campaign.candidates, campaign.recipients, campaign.left_out = planned.count.candidates, made, left_out
    campaign.drift = drift(campaign.approved, planned)
    campaign.launched_at = timezone.now()
    campaign.held_because = ""
    campaign.save(update_fields=["candidates", "recipients", "left_out", "drift", "launched_at", "held_because"])
