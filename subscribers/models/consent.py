"""Consent: what happened to it, as rows that are added and never changed; and the addresses that must never be mailed again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from subscribers.models.people import Subscriber


class ConsentEvent(models.Model):
    """One thing that happened to a person's consent. Rows are added, never changed (GDPR article 7(1): the proof)."""

    class Kind(models.TextChoices):
        """What happened."""

        ASKED = "asked"
        ADDED = "added"
        CONFIRMED = "confirmed"
        CHANGED = "changed"
        PAUSED = "paused"
        REMINDED = "reminded"
        ADDRESS_CHANGED = "address"
        WITHDRAWN = "withdrawn"
        LAPSED = "lapsed"
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        ERASED = "erased"

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="consent_events")
    kind = models.CharField(max_length=12, choices=Kind)
    source = models.CharField(max_length=60, help_text="The door it came through: cli, one-click, page, import …")
    basis = models.TextField(blank=True, help_text="What was agreed to, in the words shown, or how it is known.")
    # Which edition of the words, so that a form that was changed later still proves what was agreed to then.
    version = models.CharField(max_length=40, blank=True)
    # The network it came from, with the last part of the address taken away: 192.0.2.0/24, 2001:db8::/48.
    network = models.CharField(max_length=45, blank=True)
    # What was changed, from what to what; never an address in full.
    detail = models.JSONField(default=dict)
    by = models.CharField(max_length=150, blank=True, help_text="The editor or program that did it; empty: the person.")
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
