"""How a campaign stands: totals that add up to its recipients, and who got which sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import Count

from mailer.models import Campaign, Delivery, Issue, Variant
from mailer.results.first_ones import FirstOnes, first_ones
from mailer.results.held import held
from mailer.results.totals import Progress, Totals, progress
from mailer.results.waiting import Waiting, waiting
from mailer.sending.cancelled import MAY_HAVE_GOT_IT
from subscribers.audiences import Audience, candidates_sql

# More reasons than these are listed below in any case.
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class VariantResult:
    """What became of one variant."""

    variant: Variant
    recipients: int
    sent: int


@dataclass(frozen=True, slots=True)
class Report:
    """How a campaign stands."""

    campaign: Campaign
    progress: Progress
    variants: Sequence[VariantResult]
    reasons: dict[str, int]
    # For what it waits while nothing is wrong; what is wrong tells `campaign.held_because`.
    waiting: Waiting | None = None
    # Who goes first, while the rest waits for them.
    first: FirstOnes | None = None
    may_have_got_it: int = 0
    # What is wrong, and what comes next.
    held: str = ""

    @property
    def totals(self) -> Totals:
        """Deliveries by status."""
        return self.progress.totals

    @property
    def nobody_got_it(self) -> str:
        """Why a campaign that has ended reached nobody, in a sentence; empty when it reached somebody, or goes on."""
        if self.campaign.status != Campaign.Status.SENT or self.totals.sent:
            return ""
        told = [f"{number} {reason}" for reason, number in list(self.reasons.items())[:_MOST_REASONS]]
        rest = sum(list(self.reasons.values())[_MOST_REASONS:])
        return f"Nobody got this letter: {'; '.join(told)}{f'; and {rest} for other reasons' if rest else ''}."

    @property
    def headings(self) -> dict[int, str]:
        """The headings of the sections that anybody got, by their position in the issue."""
        both = (zip(r.variant.sections, r.variant.section_headings, strict=True) for r in self.variants)
        return dict(sorted(pair for pairs in both for pair in pairs))

    def as_json(self) -> dict[str, Any]:
        """The form for scripts."""
        return {
            "campaign": self.campaign.pk,
            "issue": self.campaign.issue.slug,
            "status": self.campaign.status,
            "held_because": self.campaign.held_because,
            "held": self.held,
            "waits_for": self.waiting.why if self.waiting else "",
            "waits_until": self.waiting.until if self.waiting else None,
            "canary": self.first.as_json() if self.first else None,
            "nobody_got_it": self.nobody_got_it,
            "candidates": self.campaign.candidates,
            "left_out": self.campaign.left_out,
            "drift": self.campaign.drift,
            **asdict(self.totals),
            "may_have_got_it": self.may_have_got_it,
            "times_uncertain": self.progress.times_uncertain,
            "rate": round(self.progress.rate, 1),
            "seconds_left": self.progress.seconds_left,
            "relays": self.progress.relays,
            "domains": self.progress.domains,
            "segments": [
                {
                    "letter": result.variant.number,
                    "interests": result.variant.interests,
                    "language": result.variant.language,
                    "recipients": result.recipients,
                    "sent": result.sent,
                    "sections": result.variant.section_headings,
                }
                for result in self.variants
            ],
            "reasons": self.reasons,
        }


def report(campaign: Campaign) -> Report:
    """Return how a campaign stands, in a handful of queries."""
    counted = progress(campaign)
    return Report(
        campaign=campaign,
        progress=counted,
        variants=variant_results(campaign, counted),
        reasons=reasons(campaign, counted),
        waiting=waiting(campaign, counted),
        first=first_ones(campaign),
        may_have_got_it=may_have_got_it(campaign, counted),
        held=held(campaign),
    )


def overview(limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest campaigns with what identifies them."""
    campaigns = Campaign.objects.select_related("issue")[:limit]
    return [
        {
            "campaign": campaign.pk,
            "issue": campaign.issue.slug,
            "status": campaign.status,
            "recipients": campaign.recipients,
            "launched_at": campaign.launched_at,
        }
        for campaign in campaigns
    ]


def variant_results(campaign: Campaign, counted: Progress) -> Sequence[VariantResult]:
    """Return what became of each variant, in the order in which they were frozen."""
    variants = campaign.variants.defer("html", "text", "compiled")
    return [VariantResult(variant, *counted.letters.get(variant.pk, (0, 0))) for variant in variants]


def reasons(campaign: Campaign, counted: Progress) -> dict[str, int]:
    """Return why deliveries failed, were deferred or skipped, in the relay's words or ours, the most frequent first."""
    numbers = counted.totals
    if not (numbers.failed or numbers.deferred or numbers.skipped or numbers.uncertain or counted.times_uncertain):
        return {}
    rows = (
        Delivery.objects.filter(campaign=campaign)
        .exclude(status__in=[Delivery.Status.SENT, Delivery.Status.PENDING, Delivery.Status.SENDING])
        .values_list("status", "skip_reason", "reply_text")
        .annotate(number=Count("id"))
        .order_by("-number")[:50]
    )
    return {f"{status}: {skip_reason or reply_text}": number for status, skip_reason, reply_text, number in rows}


def may_have_got_it(campaign: Campaign, counted: Progress) -> int:
    """Return how many were skipped of whom nobody could tell whether a relay had taken theirs before."""
    if not counted.times_uncertain:
        return 0
    skipped = Delivery.objects.filter(campaign=campaign, status=Delivery.Status.SKIPPED, skip_reason=MAY_HAVE_GOT_IT)
    return skipped.count()


def got_before(issue: Issue, audience: Audience) -> dict[int, int]:
    """Return how many of an audience's recipients were sent this issue before, or still wait for it, by campaign."""
    sql, values = candidates_sql(audience)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT got.campaign_id, count(*) FROM (
                SELECT d.campaign_id, d.subscriber_id FROM mailer_delivery d
                WHERE d.campaign_id = ANY(%(campaigns)s) AND d.status NOT IN ('failed', 'skipped')
                UNION ALL
                SELECT b.campaign_id, unnest(b.subscriber_ids) FROM mailer_batch b
                WHERE b.campaign_id = ANY(%(campaigns)s) AND NOT b.is_made
            ) got
            JOIN ({sql}) c ON c.id = got.subscriber_id AND c.left_out = ''
            GROUP BY got.campaign_id ORDER BY got.campaign_id
            """,  # noqa: S608  # our own SQL
            {**values, "campaigns": list(issue.campaigns.values_list("pk", flat=True))},
        )
        return dict(cursor.fetchall())
