"""What the organisation's letters look like and what it calls its interests: the settings and tables that rendering is given."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from mailer.rendering.letter import InterestName
from mailer.rendering.theme import Sender, Theme, load_theme
from subscribers.models import Interest


@lru_cache(maxsize=4)
def _theme(name: str, folder: str, organisation: str, address: str) -> Theme:
    theme = load_theme(name, Path(folder) if folder else None)
    lines = tuple(line.strip() for line in address.split(",") if line.strip())
    sender = Sender(name=organisation or theme.sender.name, address=lines or theme.sender.address)
    return replace(theme, sender=sender)


def configured_theme() -> Theme:
    """Return the theme that the settings name, from the organisation's folder first. Raises SettingsError.

    The settings' name and postal address, if there are any, come before the theme's.
    """
    return _theme(settings.THEME, settings.ORGANISATION_FOLDER, settings.ORGANISATION_NAME, settings.POSTAL_ADDRESS)


def interest_names() -> list[InterestName]:
    """Return what each interest is called, in the organisation's order."""
    return [InterestName(slug=interest.slug, names=interest.names) for interest in Interest.objects.all()]
