"""A campaign: one dispatch of one issue to one audience, and the variants it was frozen into."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from mailer.models.issue import Issue
from subscribers.audiences import Audience


class Campaign(models.Model):
    """One dispatch. Its status changes only through `change_status` of the sending stage, which writes a transition."""

    class Status(models.TextChoices):
        """Draft -> scheduled -> launching -> sending <-> paused -> sent | cancelled."""

        DRAFT = "draft"
        SCHEDULED = "scheduled"
        LAUNCHING = "launching"
        SENDING = "sending"
        PAUSED = "paused"
        SENT = "sent"
        CANCELLED = "cancelled"

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.SCHEDULED, Status.LAUNCHING, Status.CANCELLED}),
        Status.SCHEDULED: frozenset({Status.DRAFT, Status.LAUNCHING, Status.CANCELLED}),
        Status.LAUNCHING: frozenset({Status.SENDING, Status.CANCELLED}),
        Status.SENDING: frozenset({Status.PAUSED, Status.SENT, Status.CANCELLED}),
        Status.PAUSED: frozenset({Status.SENDING, Status.CANCELLED}),
        Status.SENT: frozenset(),
        Status.CANCELLED: frozenset(),
    }

    class People(models.TextChoices):
        """Which people of an earlier campaign a campaign goes to."""

        GOT = "got"
        MISSED = "missed"

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="campaigns")
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    audience_filter = models.JSONField(default=dict)
    # A correction goes to those who got certain letters of an earlier campaign, a second round to those who got none.
    people_of = models.ForeignKey("self", on_delete=models.PROTECT, related_name="followed_by", null=True, blank=True)
    people_who = models.CharField(max_length=6, choices=People, blank=True)
    people_variants = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    # The sum that was approved, to tell what changed until the launch: candidates, recipients, left_out.
    approved = models.JSONField(default=dict)
    drift = models.TextField(blank=True)
    # The first few: how many in a hundred, or these addresses; and how long the rest waits for how they fare.
    canary_percent = models.FloatField(default=0)
    canary_addresses = ArrayField(models.CharField(max_length=254), default=list, blank=True)
    canary_minutes = models.PositiveIntegerField(default=0)
    canary_ends_at = models.DateTimeField(null=True, blank=True)
    # Who it comes from, as it was at launch: a later change of settings must not change a letter halfway.
    from_name = models.CharField(max_length=200)
    from_address = models.CharField(max_length=254)
    reply_to = models.CharField(max_length=254, blank=True)
    list_id = models.CharField(max_length=254)
    candidates = models.PositiveIntegerField(default=0)
    recipients = models.PositiveIntegerField(default=0)
    # The candidates who are no recipients, by reason: candidates = recipients + the sum of these.
    left_out = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Why nothing goes out although the campaign is sending ("the relay does not answer"); empty while all is well.
    held_because = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"campaign {self.pk} of {self.issue_id}"

    @property
    def audience(self) -> Audience:
        """Which subscribers it goes to."""
        return Audience.from_json(self.audience_filter)


class CampaignTransition(models.Model):
    """That a campaign changed its status: from what to what, when, and by whom."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="transitions")
    from_status = models.CharField(max_length=12)
    to_status = models.CharField(max_length=12)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"


class Variant(models.Model):
    """The issue as one combination of interests and language sees it, frozen at launch. Combinations that see the same letter share one."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="variants")
    number = models.PositiveIntegerField()
    # Of the fixed words, which are the reader's; what the author wrote may be in another.
    language = models.CharField(max_length=5)
    content_language = models.CharField(max_length=35)
    # Slugs of the combination it was rendered for; the name of the segment in tables.
    interests = ArrayField(models.CharField(max_length=40), default=list)
    # Positions, in the issue, of the sections in it: what a table shows long after the issue was edited.
    sections = ArrayField(models.PositiveIntegerField(), default=list)
    section_headings = ArrayField(models.TextField(blank=True), default=list)
    subject = models.TextField()
    html = models.TextField()
    text = models.TextField()
    compiled = models.BinaryField()

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["campaign", "number"], name="variant_number_once"),
        ]

    def __str__(self) -> str:
        return f"variant {self.number} of campaign {self.campaign_id}"
