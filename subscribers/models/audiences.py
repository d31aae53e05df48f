"""What an organisation adds to its list: fields of its own, and audiences under a name."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models


class CustomField(models.Model):
    """Something the organisation wants to know of each subscriber. Its values stand in `Subscriber.fields`, by slug."""

    class Kind(models.TextChoices):
        """What its values are."""

        TEXT = "text"
        NUMBER = "number"
        DATE = "date"
        CHOICE = "choice"

    slug = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]*$", "Use small letters a-z, digits and hyphens.")],
    )
    name_nb = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TEXT)
    choices = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug


class SavedAudience(models.Model):
    """An audience under a name that editors choose from."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    filter = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.slug
