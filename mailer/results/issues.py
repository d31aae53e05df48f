"""The issues at a glance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Count

from mailer.models import Issue


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One issue in a list."""

    number: int
    slug: str
    title: str
    week: str
    language: str
    # The slug of the issue that it translates; empty for one that is none.
    translation_of: str
    status: str
    sections: int
    campaigns: int

    def as_json(self) -> dict[str, Any]:
        """The form for scripts."""
        return asdict(self)


def overview(limit: int = 100) -> list[IssueRow]:
    """Return the newest issues, in one query."""
    issues = Issue.objects.select_related("translation_of").annotate(
        number_of_sections=Count("sections", distinct=True), number_of_campaigns=Count("campaigns", distinct=True)
    )
    issues = issues.order_by(*Issue._meta.ordering or ())  # noqa: SLF001  # counting drops the order that the model has
    return [
        IssueRow(
            number=issue.pk,
            slug=issue.slug,
            title=issue.title,
            week=f"{issue.year}-W{issue.week:02}" if issue.year and issue.week else "",
            language=issue.language,
            translation_of=issue.translation_of.slug if issue.translation_of else "",
            status=issue.status,
            sections=issue.number_of_sections,
            campaigns=issue.number_of_campaigns,
        )
        for issue in issues[:limit]
    ]
