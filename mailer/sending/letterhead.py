"""What rendering is given: how the organisation's letters look, what it calls its interests, what depends on our site."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from mailer.parsing.issue import ParsedIssue
from mailer.rendering.greeting import greeting
from mailer.rendering.letter import InterestName, Options
from mailer.rendering.theme import Sender, Theme, load_theme
from mailer.rendering.toml_tables import SettingsError
from mailer.sending.links import calendar_urls
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


def letter_options(issue: ParsedIssue) -> Options:
    """Return what of an issue's letters depends on our site. Keeps a calendar entry for each of its events."""
    addresses = calendar_urls(issue)
    return Options(calendar_url=lambda section, event: addresses[section, event], site_url=settings.SITE_URL)


def greet(name: str, language: str) -> str:
    """Return what someone is greeted with; without a name, what everyone is.

    Words of the organisation's own that can't be read any more hold no letter up that is on its way.
    """
    with contextlib.suppress(SettingsError):
        return greeting(name, language, configured_theme().folders)
    return greeting(name, language)
