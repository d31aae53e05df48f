"""The letters that everybody may read: what was sent to the whole list, the newest first, one entry an issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Prefetch

from mailer.models import Campaign, Variant
from mailer.sending.links import web_url
from subscribers.audiences import Audience

MOST = 50
_CHUNK = 100


@dataclass(frozen=True, slots=True)
class Edition:
    """One variant of a letter: for whom (slugs; none means everything), in which language, and where it can be read."""

    interests: tuple[str, ...]
    language: str
    url: str
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastLetter:
    """An issue as it was sent. `editions` are its variants in one language, the one with the most in it first."""

    number: int
    title: str
    subject: str
    sent_at: datetime
    editions: Sequence[Edition]

    def about(self, slug: str) -> Edition:
        """Return the edition for somebody who follows this interest alone, or the closest to it that was sent."""
        with_it = [edition for edition in self.editions if slug in edition.interests]
        return min(with_it, key=lambda edition: len(edition.interests), default=self.editions[0])


def past_letters(language: str, *, before: int | None = None, most: int = MOST) -> list[PastLetter]:
    """Return the last letters, those before the campaign `before` if it is given, in a language if they were sent in it.

    Three queries for fifty letters, as long as few campaigns went to a part of the list.
    """
    return list(islice(_letters(language, before), most))


def _letters(language: str, before: int | None) -> Iterator[PastLetter]:
    """A campaign to a part of the list may be a trial, and one that is paused or cancelled a mistake: neither is for everybody."""
    seen: set[int] = set()
    while True:
        campaigns = _campaigns(before)
        for campaign in campaigns:
            if campaign.issue_id in seen or campaign.audience != Audience() or campaign.launched_at is None:
                continue
            editions, subject = _editions(campaign, language)
            if editions:
                seen.add(campaign.issue_id)
                yield PastLetter(campaign.pk, campaign.issue.title, subject, campaign.launched_at, editions)
        if len(campaigns) < _CHUNK:
            return
        before = campaigns[-1].pk


def _campaigns(before: int | None) -> list[Campaign]:
    variants = Variant.objects.defer("html", "text", "compiled")
    shown = Campaign.objects.filter(
        status__in=[Campaign.Status.SENDING, Campaign.Status.SENT], launched_at__isnull=False
    )
    if before is not None:
        shown = shown.filter(pk__lt=before)
    shown = shown.select_related("issue").prefetch_related(Prefetch("variants", queryset=variants))
    return list(shown.order_by("-pk")[:_CHUNK])


def _editions(campaign: Campaign, language: str) -> tuple[list[Edition], str]:
    variants = list(campaign.variants.all())
    spoken = [variant for variant in variants if variant.language == language] or variants
    if len({variant.language for variant in spoken}) > 1:
        spoken = [variant for variant in spoken if variant.language == spoken[0].language]
    spoken.sort(key=lambda variant: (-len(variant.sections), len(variant.interests), variant.number))
    editions = [
        Edition(
            interests=tuple(variant.interests),
            language=variant.content_language,
            url=web_url(variant),
            headings=tuple(dict.fromkeys(filter(None, variant.section_headings))),
        )
        for variant in spoken
    ]
    return editions, spoken[0].subject if spoken else ""
