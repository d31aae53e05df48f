"""The tables of people and consent. Rules that change them live beside this file, by the name of what is done."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models


class Interest(models.Model):
    """What a subscriber may ask to hear about. The organisation edits these; slugs never change, as issues in git name them."""

    slug = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]*$", "Use small letters a-z, digits and hyphens.")],
    )
    name_nb = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def names(self) -> dict[str, str]:
        """What it is called in running text, by language."""
        return {"nb": self.name_nb, "en": self.name_en}


class Subscriber(models.Model):
    """A person with an address, a language and interests. No interests means everything."""

    class Status(models.TextChoices):
        """Where a person stands. Only the active get mail."""

        PENDING = "pending"
        ACTIVE = "active"
        UNSUBSCRIBED = "unsubscribed"
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        ERASED = "erased"

    class Language(models.TextChoices):
        """The languages that a letter can have."""

        BOKMAL = "nb"
        ENGLISH = "en"

    # A person comes back only by a consent of their own, which `preferences` records; an erased row never does.
    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        Status.PENDING: frozenset({Status.ACTIVE, Status.UNSUBSCRIBED, Status.ERASED}),
        Status.ACTIVE: frozenset({Status.UNSUBSCRIBED, Status.BOUNCED, Status.COMPLAINED, Status.ERASED}),
        Status.UNSUBSCRIBED: frozenset({Status.ACTIVE, Status.ERASED}),
        Status.BOUNCED: frozenset({Status.ACTIVE, Status.UNSUBSCRIBED, Status.ERASED}),
        Status.COMPLAINED: frozenset({Status.ERASED}),
        Status.ERASED: frozenset(),
    }

    address = models.CharField(max_length=254)
    address_key = models.CharField(max_length=254, unique=True)
    # The same keyed hash as in Suppression, so that a whole audience is held against it in one join.
    address_hash = models.BinaryField(max_length=32, unique=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, choices=Language, default=Language.BOKMAL)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    status_changed_at = models.DateTimeField(auto_now_add=True)
    created_at = models.DateTimeField(auto_now_add=True)
    interests = models.ManyToManyField(Interest, through="Subscription", related_name="subscribers")

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["status", "id"], name="subscriber_status")]

    def __str__(self) -> str:
        return f"subscriber {self.pk}"


class Subscription(models.Model):
    """That a subscriber follows an interest."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="subscriptions")
    interest = models.ForeignKey(Interest, on_delete=models.PROTECT, related_name="subscriptions")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subscriber", "interest"], name="subscription_once"),
        ]

    def __str__(self) -> str:
        return f"subscriber {self.subscriber_id} follows interest {self.interest_id}"


class ConsentEvent(models.Model):
    """One thing that happened to a person's consent. Rows are added, never changed (GDPR article 7(1): the proof)."""

    class Kind(models.TextChoices):
        """What happened."""

        ADDED = "added"
        CONFIRMED = "confirmed"
        CHANGED = "changed"
        WITHDRAWN = "withdrawn"

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="consent_events")
    kind = models.CharField(max_length=12, choices=Kind)
    source = models.CharField(max_length=60, help_text="The door it came through: cli, one-click, page, import …")
    basis = models.TextField(blank=True, help_text="What was agreed to, in the words shown, or how it is known.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} by {self.source}"


class Suppression(models.Model):
    """An address that must never be mailed again, kept as a keyed hash so that the address itself need not be."""

    class Reason(models.TextChoices):
        """Why it is suppressed."""

        COMPLAINED = "complained"
        ERASED = "erased"
        BLOCKED = "blocked"

    address_hash = models.BinaryField(max_length=32, unique=True)
    reason = models.CharField(max_length=12, choices=Reason)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"suppressed: {self.reason}"
