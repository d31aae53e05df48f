"""What people have asked for: another address, and the mails that are owed to them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from subscribers.models.people import Subscriber


class AddressChange(models.Model):
    """That a person wants the letter at another address, which has to be confirmed from there."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="address_changes")
    address = models.CharField(max_length=254)
    address_key = models.CharField(max_length=254)
    asked_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"address change {self.pk}"


class OwedMail(models.Model):
    """One mail that is owed to one person, and what became of it.

    A page writes the same row whoever an address belongs to; only when the mail is written is it looked at. So nobody learns from
    an answer, or from how long it took, who is on the list. When it is done with, address and detail are emptied.
    """

    class Kind(models.TextChoices):
        """What it is about."""

        SIGNUP = "signup"
        LINK = "link"
        WELCOME = "welcome"
        NEW_ADDRESS = "new-address"
        OLD_ADDRESS = "old-address"
        REMINDER = "reminder"
        STILL_WANTED = "still-wanted"

    class Outcome(models.TextChoices):
        """What became of it. Nothing: it is still owed."""

        OWED = ""
        SENT = "sent"
        REFUSED = "refused"
        NOT_NEEDED = "not-needed"
        GIVEN_UP = "given-up"

    kind = models.CharField(max_length=12, choices=Kind)
    address = models.CharField(max_length=254, blank=True)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="owed_mails", null=True)
    detail = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    # Not before then. Null: nothing left to do.
    due_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default=Outcome.OWED)
    # Why it has not gone, in the relay's words or ours.
    problem = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="owed_mail_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"owed mail {self.pk}"
