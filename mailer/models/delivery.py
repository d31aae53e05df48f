"""A delivery: one message to one subscriber in one campaign, and the batches that workers take them in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from mailer.models.campaign import Campaign, Variant
from subscribers.models import Subscriber


class Batch(models.Model):
    """A thousand deliveries at most, that one worker leases at a time. The lease counts, never Celery's acknowledgement."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="batches", db_index=False)
    number = models.PositiveIntegerField()
    # The frozen audience of this batch, side by side: who, and which letter each gets. The delivery rows are made from it.
    subscriber_ids = ArrayField(models.BigIntegerField(), default=list)
    variant_ids = ArrayField(models.BigIntegerField(), default=list)
    size = models.PositiveIntegerField(default=0)
    is_made = models.BooleanField(default=False, help_text="Whether the delivery rows are there.")
    # Goes before the rest, to see whether the relays take it.
    is_canary = models.BooleanField(default=False)
    # The journal of the process that works on it (a file's name), and of the one before.
    lease_owner = models.CharField(max_length=120, blank=True)
    previous_owner = models.CharField(max_length=120, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    # Not before then: the earliest deferred delivery, or the next try at a relay that is down. Null: nothing left to do.
    due_at = models.DateTimeField(null=True, blank=True)
    # Its deliveries counted, by status, relay, domain and letter, when nobody works on it. Null: count the rows themselves.
    tally = models.JSONField(null=True)
    given_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["campaign_id", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["campaign", "number"], name="batch_number_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="batch_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"batch {self.number} of campaign {self.campaign_id}"


class Delivery(models.Model):
    """One message to one subscriber, with its outcome. The row is the progress: there is no other record of how far a campaign came."""

    class Status(models.TextChoices):
        """Pending -> sending -> sent | deferred | failed | uncertain, or skipped.

        `sending` after a crash means: the relay may have it. `uncertain`: it may, and a person is to decide (setting UNCERTAIN).
        """

        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        DEFERRED = "deferred"
        FAILED = "failed"
        SKIPPED = "skipped"
        UNCERTAIN = "uncertain"

    # What the statements of the sending stage do. Sending -> pending: not begun, or to go again because nobody can tell.
    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        Status.PENDING: frozenset({Status.SENDING, Status.SKIPPED}),
        Status.SENDING: frozenset({Status.SENT, Status.DEFERRED, Status.FAILED, Status.PENDING, Status.UNCERTAIN}),
        Status.DEFERRED: frozenset({Status.SENDING, Status.SKIPPED}),
        Status.UNCERTAIN: frozenset({Status.PENDING, Status.SKIPPED}),
        Status.SENT: frozenset(),
        Status.FAILED: frozenset(),
        Status.SKIPPED: frozenset(),
    }

    # Each index is written a million times for a million letters: the constraints below serve the foreign keys too.
    # And each foreign key would be looked up as often. Campaign and letter were written with the batch, whose row is locked while its
    # deliveries are made; the people are locked by the statement that makes them, and a trigger refuses to remove them later.
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="deliveries", db_index=False, db_constraint=False
    )
    batch = models.ForeignKey(
        Batch, on_delete=models.CASCADE, related_name="deliveries", db_index=False, db_constraint=False
    )
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.PROTECT, related_name="deliveries", db_index=False, db_constraint=False
    )
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="deliveries", db_index=False, db_constraint=False
    )
    address = models.CharField(max_length=254)
    address_key = models.CharField(max_length=254)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    skip_reason = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # How often nobody could tell whether the relay had taken it.
    uncertain = models.PositiveSmallIntegerField(default=0)
    relay = models.CharField(max_length=120, blank=True)
    # The relay's last words: reply code (RFC 5321, 4.2), enhanced status code (RFC 3463), text, and the queue id if it told one.
    reply_code = models.PositiveSmallIntegerField(null=True, blank=True)
    enhanced_code = models.CharField(max_length=12, blank=True)
    reply_text = models.TextField(blank=True)
    queue_id = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subscriber", "campaign"], name="delivery_once_a_subscriber"),
            models.UniqueConstraint(fields=["campaign", "address_key"], name="delivery_once_an_address"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # No index holds the status: so PostgreSQL can change it in place, without touching any index (HOT).
            # By the batch alone, and statements name it alone. Of a campaign that began since the last ANALYZE PostgreSQL knows nothing, so
            # that an index which begins with the campaign seems as good as any other: it then reads the whole campaign for each batch.
            models.Index(fields=["batch"], name="delivery_batch"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"
