"""People and what they follow."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Value


class Interest(models.Model):
    """What a subscriber may ask to hear about. The organisation edits these; slugs never change, as issues in git name them."""

    slug = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]*$", "Use small letters a-z, digits and hyphens.")],
    )
    name_nb = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    # One line below the name on pages where people choose; empty: the name says enough.
    description_nb = models.CharField(max_length=160, blank=True)
    description_en = models.CharField(max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def names(self) -> dict[str, str]:
        """What it is called in running text, by language."""
        return {"nb": self.name_nb, "en": self.name_en}

    @property
    def descriptions(self) -> dict[str, str]:
        """What it is about, in one line for whoever chooses, by language; empty where nobody wrote one."""
        return {"nb": self.description_nb, "en": self.description_en}


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
    # The ids of `interests`, sorted, for counting a whole list in one pass. The database keeps it: a trigger on Subscription writes it.
    interest_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    domain = models.GeneratedField(
        expression=Func(F("address_key"), Value("@"), Value(-1), function="split_part"),
        output_field=models.CharField(max_length=254),
        db_persist=True,
    )
    # The door they first came through: page, embedded, cli, import ...
    source = models.CharField(max_length=60, blank=True)
    # The organisation's own fields (see CustomField), by slug.
    fields = models.JSONField(default=dict)
    # What is odd about the address: "role" (post@, firmapost@), "disposable". It is mail all the same; an editor sees it.
    flags = ArrayField(models.CharField(max_length=20), default=list)
    # No letters up to and including this day.
    paused_until = models.DateField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # A pending person is reminded once; an active one who is not heard from is asked once whether they still want the letter.
    reminded_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    # The last sign of life that we may know of: a click or an opening where tracking is on, a visit to the preferences.
    heard_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["status", "id"], name="subscriber_status"),
            models.Index(fields=["domain", "id"], name="subscriber_domain"),
            GinIndex(fields=["interest_ids"], name="subscriber_interests"),
        ]

    def __str__(self) -> str:
        return f"subscriber {self.pk}"


class Subscription(models.Model):
    """That a subscriber follows an interest."""

    # The constraint below begins with the subscriber, and serves the foreign key too.
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    interest = models.ForeignKey(Interest, on_delete=models.PROTECT, related_name="subscriptions")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subscriber", "interest"], name="subscription_once"),
        ]

    def __str__(self) -> str:
        return f"subscriber {self.subscriber_id} follows interest {self.interest_id}"
