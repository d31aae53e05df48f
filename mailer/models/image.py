"""A picture of an issue, as readers get it: its address never changes what it shows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Image(models.Model):
    """One picture, once, whoever added it how often. What it shows never changes, so it can be kept anywhere for ever.

    It lies in the database, because every process on every machine reads it there, and a backup of the one is a backup of the other.
    """

    class Format(models.TextChoices):
        """What all mail programs show; the value is the ending of its name."""

        JPEG = "jpg"
        PNG = "png"

    MEDIA_TYPES: ClassVar[dict[str, str]] = {Format.JPEG: "image/jpeg", Format.PNG: "image/png"}
    # Hexadecimal digits of the digest in an address: no two pictures of one house share so many.
    DIGITS_IN_NAME = 12

    digest = models.CharField(max_length=64, unique=True)
    # In pixels; a letter shows it half as wide, or as wide as its text when that is near.
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    format = models.CharField(max_length=4, choices=Format)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    # What was said of it last; empty means that someone called it decorative on purpose.
    alt = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.path

    @property
    def path(self) -> str:
        """Its address on the site. Width and height are in it, so that a letter needs not ask for them."""
        return f"/i/{self.digest[: self.DIGITS_IN_NAME]}-{self.width}x{self.height}.{self.format}"
