"""An issue: one weekly update with its parts and sections."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from subscribers.models import Interest


class Issue(models.Model):
    """One weekly update. Texts are Markdown, in which everything an author typed that is no markup is escaped."""

    class Status(models.TextChoices):
        """Draft -> in review -> approved; an edit brings it back to draft."""

        DRAFT = "draft"
        IN_REVIEW = "in review"
        APPROVED = "approved"

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.IN_REVIEW, Status.APPROVED}),
        Status.IN_REVIEW: frozenset({Status.DRAFT, Status.APPROVED}),
        Status.APPROVED: frozenset({Status.DRAFT}),
    }

    slug = models.SlugField(max_length=80, unique=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    title = models.TextField()
    preheader = models.TextField(blank=True)
    language = models.CharField(max_length=5, default="nb")
    # Of which issue this is the text in another language: its readers get this one, and only the other is sent.
    translation_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="translations", null=True, blank=True
    )
    # By an interest's slug, what its followers read in place of title and preheader.
    subjects = models.JSONField(default=dict, blank=True)
    preheaders = models.JSONField(default=dict, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    week = models.PositiveSmallIntegerField(null=True, blank=True)
    intro = models.TextField(blank=True)
    closing = models.TextField(blank=True)
    # What the importer was given and what it had to say of it, so that nothing an author wrote is ever gone.
    source = models.TextField(blank=True)
    source_digest = models.CharField(max_length=64, blank=True, db_index=True)
    import_report = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["translation_of", "language"], name="issue_translated_once"),
        ]

    def __str__(self) -> str:
        return self.slug


class Part(models.Model):
    """A heading that groups sections. A reader sees it when at least one of its sections is for them."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    heading = models.TextField()

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["issue", "position"], name="part_position_once"),
        ]

    def __str__(self) -> str:
        return self.heading


class Section(models.Model):
    """One story. No interests means that it is for everyone."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="sections")
    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="sections", null=True, blank=True)
    position = models.PositiveIntegerField()
    heading = models.TextField(blank=True)
    heading_suggested = models.BooleanField(default=False)
    body = models.TextField(blank=True)
    cut_suggested = models.BooleanField(default=False)
    interests = models.ManyToManyField(Interest, related_name="sections", blank=True)
    interests_suggested = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["issue", "position"], name="section_position_once"),
        ]

    def __str__(self) -> str:
        return self.heading or f"section {self.position + 1}"
