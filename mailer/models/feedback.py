"""Feedback: what comes back, as rows that are added and never changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from mailer.models.campaign import Campaign
from mailer.models.delivery import Delivery
from subscribers.models import Subscriber


class Feedback(models.Model):
    """One thing that came back. `unique_id` names it in its source's own words, so that a thing told twice counts once."""

    class Kind(models.TextChoices):
        """What came back."""

        BOUNCE = "bounce"
        COMPLAINT = "complaint"
        UNSUBSCRIBE = "unsubscribe"

    kind = models.CharField(max_length=12, choices=Kind)
    unique_id = models.CharField(max_length=200, unique=True)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="feedback", null=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.SET_NULL, related_name="feedback", null=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.SET_NULL, related_name="feedback", null=True)
    source = models.CharField(max_length=60)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.unique_id}"
