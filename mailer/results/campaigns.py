"""How a campaign stands: totals that add up to its recipients, and who got which sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from mailer.models import Campaign, Delivery, Issue, Variant
from subscribers.audiences import Audience, candidates_sql


@dataclass(frozen=True, slots=True)
class Totals:
    """Deliveries by status. They add up to `recipients`."""

    recipients: int
    pending: int
    sending: int
    sent: int
    deferred: int
    failed: int
    skipped: int

    @property
    def done(self) -> int:
        """How many deliveries have come to an end."""
        return self.sent + self.failed + self.skipped


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
    totals: Totals
    variants: Sequence[VariantResult]
    reasons: dict[str, int]

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
            "candidates": self.campaign.candidates,
            "left_out": self.campaign.left_out,
            **asdict(self.totals),
            "segments": [
                {
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
    """Return how a campaign stands, in three queries."""
    return Report(campaign, totals(campaign), variant_results(campaign), reasons(campaign))


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


def totals(campaign: Campaign) -> Totals:
    """Count a campaign's deliveries by status."""
    rows = Delivery.objects.filter(campaign=campaign).values_list("status").annotate(number=Count("id"))
    by_status: dict[str, int] = dict(rows)
    return Totals(
        recipients=sum(by_status.values()),
        **{status: by_status.get(status, 0) for status in Delivery.Status.values},
    )


def variant_results(campaign: Campaign) -> Sequence[VariantResult]:
    """Return what became of each variant, in the order in which they were frozen."""
    variants = campaign.variants.annotate(
        recipients=Count("deliveries"),
        sent=Count("deliveries", filter=Q(deliveries__status=Delivery.Status.SENT)),
    )
    return [VariantResult(variant, variant.recipients, variant.sent) for variant in variants]


def reasons(campaign: Campaign) -> dict[str, int]:
    """Return why deliveries failed, were deferred or skipped, in the relay's words or ours, the most frequent first."""
    rows = (
        Delivery.objects.filter(campaign=campaign)
        .exclude(status__in=[Delivery.Status.SENT, Delivery.Status.PENDING, Delivery.Status.SENDING])
        .values_list("status", "skip_reason", "reply_text")
        .annotate(number=Count("id"))
        .order_by("-number")[:50]
    )
    return {f"{status}: {skip_reason or reply_text}": number for status, skip_reason, reply_text, number in rows}


def got_before(issue: Issue, audience: Audience) -> dict[int, int]:
    """Return how many of an audience's recipients were sent this issue before, or still wait for it, by campaign."""
    sql, values = candidates_sql(audience)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT d.campaign_id, count(*) FROM mailer_delivery d
            JOIN mailer_campaign g ON g.id = d.campaign_id
            JOIN ({sql}) c ON c.id = d.subscriber_id AND c.left_out = ''
            WHERE g.issue_id = %(issue)s AND d.status NOT IN ('failed', 'skipped')
            GROUP BY d.campaign_id ORDER BY d.campaign_id
            """,  # noqa: S608  # our own SQL
            {**values, "issue": issue.pk},
        )
        return dict(cursor.fetchall())
