"""From an issue and an audience to deliveries that workers can take: plan, freeze, materialise, batch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from mailer.models import Batch, Campaign, Issue
from mailer.models.translations import Editions, editions
from mailer.rendering.letter import Reader
from mailer.rendering.variant import sections_for
from mailer.sending.dispatch import queue_batches
from mailer.sending.freeze import PlannedVariant, freeze
from mailer.sending.headers import Mailbox, read_mailbox
from mailer.sending.letterhead import configured_theme
from mailer.sending.states import change_status
from subscribers.audiences import Audience, Count, Segment, candidates_sql, count, segments

# Few enough that a lease is short and a lost worker holds up little, many enough that claiming costs nothing beside sending.
BATCH_SIZE = 200


class LaunchError(ValueError):
    """The campaign can't be launched. The message is a sentence for people; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a launch would do, for a look before it is done."""

    count: Count
    variants: tuple[PlannedVariant, ...]

    @property
    def recipients(self) -> int:
        """How many would get mail: the audience's recipients, less those for whom there is nothing in the issue."""
        return sum(variant.segment.recipients for variant in self.variants if variant.sections)

    @property
    def left_out(self) -> dict[str, int]:
        """The candidates who would get no mail, by reason. Together with the recipients they are the candidates."""
        empty = self.count.recipients - self.recipients
        return self.count.left_out | ({"nothing for them": empty} if empty else {})

    def in_words(self) -> str:
        """The sum, in words."""
        less = "".join(f", less {number} {reason}" for reason, number in self.left_out.items())
        open_minded = sum(v.segment.recipients for v in self.variants if v.sections and not v.segment.interests)
        everything = f"; {open_minded} of them follow no interest and get everything" if open_minded else ""
        return f"{self.count.candidates} candidates{less}: {self.recipients} get it{everything}{self._translated()}."

    def _translated(self) -> str:
        numbers: dict[str, int] = {}
        for variant in self.variants:
            if variant.sections and variant.translated:
                numbers[variant.language] = numbers.get(variant.language, 0) + variant.segment.recipients
        return "".join(f"; {number} get the translation into '{language}'" for language, number in numbers.items())

    def as_json(self) -> dict[str, Any]:
        """The form for scripts."""
        return {
            "candidates": self.count.candidates,
            "recipients": self.recipients,
            "left_out": self.left_out,
            "segments": [
                {
                    "interests": list(variant.segment.interests),
                    "language": variant.segment.language,
                    "recipients": variant.segment.recipients,
                    "content_language": variant.language,
                    "sections": list(variant.sections),
                }
                for variant in self.variants
            ],
        }


@dataclass(frozen=True, slots=True)
class Order:
    """What an editor asks for: this issue, to these people, from this sender."""

    issue: Issue
    audience: Audience
    sender: Mailbox
    by: str
    # Empty: the setting MAIL_REPLY_TO.
    reply_to: str = ""


def sender_named(text: str) -> Mailbox:
    """Return the sender that someone typed, or the one of the settings when they typed none. Raises SenderError."""
    return read_mailbox(text or settings.MAIL_FROM)


def plan(issue: Issue, audience: Audience) -> Plan:
    """Return what a launch would do.

    Raises SignupError for an unknown interest, LaunchError when nobody would get anything, or for a translation.
    """
    if issue.translation_of is not None:
        raise LaunchError(
            f"{issue.slug} is a translation and is not sent by itself. Send {issue.translation_of.slug}: "
            f"who reads '{issue.language}' gets the translation."
        )
    texts = editions(issue)
    total = count(audience)
    planned = tuple(_planned(texts, segment) for segment in segments(audience))
    if not any(variant.sections for variant in planned):
        raise LaunchError(_nobody(total, letters=len(planned)))
    return Plan(count=total, variants=planned)


def _planned(texts: Editions, segment: Segment) -> PlannedVariant:
    reader = Reader(segment.interests, segment.language)
    text = texts.for_reader(reader)
    return PlannedVariant(segment, sections_for(text, reader), text.language, translated=text is not texts.main)


def _nobody(total: Count, *, letters: int) -> str:
    if letters:
        return "Nobody gets this letter: it has no section for anyone in the audience. Tag fewer sections, or choose a wider audience."
    left_out = ", ".join(f"{number} {reason}" for reason, number in total.left_out.items())
    return f"Nobody gets this letter: there is no active subscriber in the audience{f' (left out: {left_out})' if left_out else ''}."


@transaction.atomic
def create_campaign(order: Order) -> Campaign:
    """Return a new draft campaign. Raises SignupError or LaunchError as `plan` does."""
    plan(order.issue, order.audience)
    return Campaign.objects.create(
        issue=order.issue,
        audience_filter=order.audience.as_json(),
        from_name=order.sender.name or configured_theme().sender.name,
        from_address=order.sender.address,
        reply_to=order.reply_to or settings.MAIL_REPLY_TO,
        list_id=settings.LIST_ID or f"ukebrev.{order.sender.domain}",
    )


def launch(campaign_id: int, *, by: str) -> bool:
    """Launch a draft or scheduled campaign once, however often and from wherever it is asked.

    Return False when it was launched already. The claim is committed before the work, so that a second press of Send sees it; if the
    work is cut short, the sweep calls `finish_launch` again. Raises LaunchError, and cancels the campaign, when nobody is left in it.
    """
    if not change_status(campaign_id, Campaign.Status.LAUNCHING, by=by):
        return False
    try:
        finish_launch(campaign_id, by=by)
    except LaunchError as problem:
        give_up(campaign_id, str(problem), by=by)
        raise
    return True


def give_up(campaign_id: int, why: str, *, by: str) -> None:
    """Cancel a campaign that can't be launched, and keep the reason with it."""
    Campaign.objects.filter(pk=campaign_id).update(held_because=why, finished_at=timezone.now())
    change_status(campaign_id, Campaign.Status.CANCELLED, by=by)


def finish_launch(campaign_id: int, *, by: str) -> None:
    """Freeze, materialise and batch a campaign that is launching, all in one transaction. Does nothing if it is no longer launching."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One snapshot for counting, freezing and inserting: who changes interests meanwhile is in or out as a whole.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('ukebrev.launch'), %s)", [campaign_id])
            (ours,) = cursor.fetchone()
        campaign = Campaign.objects.select_related("issue").get(pk=campaign_id)
        if not ours or campaign.status != Campaign.Status.LAUNCHING:
            return
        _freeze_and_materialise(campaign)
        change_status(campaign_id, Campaign.Status.SENDING, by=by)
        transaction.on_commit(lambda: queue_batches(campaign_id))


def _freeze_and_materialise(campaign: Campaign) -> None:
    planned = plan(campaign.issue, campaign.audience)
    assigned = freeze(campaign, planned.variants)
    made = materialise(campaign, assigned)
    make_batches(campaign)
    if made != planned.recipients or made + sum(planned.left_out.values()) != planned.count.candidates:
        raise LaunchError(
            f"The sum does not add up: {planned.count.candidates} candidates, {made} deliveries, "
            f"{planned.left_out} left out. Nothing was sent."
        )
    campaign.candidates, campaign.recipients, campaign.left_out = planned.count.candidates, made, planned.left_out
    campaign.launched_at = timezone.now()
    campaign.save(update_fields=["candidates", "recipients", "left_out", "launched_at"])


_MATERIALISE = """
    INSERT INTO mailer_delivery (campaign_id, batch_number, subscriber_id, variant_id, address, address_key,
                                 status, skip_reason, attempts, enhanced_code, reply_text, queue_id)
    SELECT %(campaign)s, (row_number() OVER (ORDER BY c.id) - 1) / %(batch_size)s, c.id, v.id, c.address, c.address_key,
           'pending', '', 0, '', '', ''
    FROM ({candidates}) c
    JOIN jsonb_to_recordset(%(assigned)s) AS m(interest_ids bigint[], language text, number int)
      ON m.interest_ids = c.interest_ids AND m.language = c.language
    JOIN mailer_variant v ON v.campaign_id = %(campaign)s AND v.number = m.number
    WHERE c.left_out = ''
"""


def materialise(campaign: Campaign, assigned: Sequence[tuple[Segment, int]]) -> int:
    """Make a delivery row for each recipient, in one statement, numbered into batches. Return how many.

    `assigned` tells the number of the variant that each segment gets.
    """
    sql, values = candidates_sql(campaign.audience)
    rows = [
        {"interest_ids": segment.interest_ids, "language": segment.language, "number": number}
        for segment, number in assigned
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _MATERIALISE.format(candidates=sql),
            {**values, "campaign": campaign.pk, "batch_size": BATCH_SIZE, "assigned": json.dumps(rows)},
        )
        return int(cursor.rowcount)


def make_batches(campaign: Campaign) -> None:
    """Make a row for each batch number in use, due at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Batch._meta.db_table} (campaign_id, number, lease_owner, due_at)"  # noqa: S608, SLF001  # our own table's name
            " SELECT DISTINCT campaign_id, batch_number, '', now() FROM mailer_delivery WHERE campaign_id = %s",
            [campaign.pk],
        )
