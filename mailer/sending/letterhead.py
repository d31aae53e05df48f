"""What rendering is given: how the organisation's letters look, what it calls its interests, what depends on our site."""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from mailer.models.pictures import keep_picture
from mailer.parsing.issue import ParsedIssue
from mailer.rendering.greeting import greeting
from mailer.rendering.letter import InterestName, Options
from mailer.rendering.own_sender import own_sender
from mailer.rendering.template_store import Adopted, adopt
from mailer.rendering.theme import Theme, load_theme
from mailer.rendering.toml_tables import SettingsError
from mailer.sending.links import calendar_addresses
from mailer.sending.own_fields import writable_fields
from subscribers.models import Interest

logger = logging.getLogger(__name__)


# How often a running process looks whether the organisation's folder has changed.
LOOK_SECONDS = 5.0


@lru_cache(maxsize=4)
def _theme(name: str, folder: str, organisation: str, address: str, version: int) -> Adopted:
    adopted = adopt(name, Path(folder), Path(settings.VAR) / "templates") if folder else Adopted(load_theme(name))
    if adopted.problem:
        logger.warning("the organisation's templates are not used as they are: %s", adopted.problem)
    theme = adopted.theme
    return replace(adopted, theme=replace(theme, sender=own_sender(theme, organisation, address)))


@lru_cache(maxsize=4)
def _version(folder: str, moment: int) -> int:
    return hash(tuple(sorted((str(path), path.stat().st_mtime_ns) for path in Path(folder).rglob("*"))))


def _adopted() -> Adopted:
    folder = settings.ORGANISATION_FOLDER
    version = _version(folder, int(time.monotonic() / LOOK_SECONDS)) if folder else 0
    return _theme(settings.THEME, folder, settings.ORGANISATION_NAME, settings.POSTAL_ADDRESS, version)


def configured_theme() -> Theme:
    """Return the theme that the settings name, from the organisation's folder first. Raises SettingsError.

    The settings' name and postal address, if there are any, come before the theme's. Templates of the organisation's that are broken
    are not used: the version that last worked is, or else ours; `theme_problem` tells.
    """
    return _adopted().theme


def theme_problem() -> str:
    """Return, in a sentence, why the organisation's templates are not used as they lie in their folder; nothing when they are."""
    return _adopted().problem


def theme_refusal() -> str:
    """Return the same where no version of theirs has ever worked, so that letters would go out as ours, with our sender."""
    adopted = _adopted()
    return "" if len(adopted.theme.folders) > 1 else adopted.problem


def interest_names() -> list[InterestName]:
    """Return what each interest is called, in the organisation's order."""
    return [InterestName(slug=interest.slug, names=interest.names) for interest in Interest.objects.all()]


def letter_options(issue: ParsedIssue) -> Options:
    """Return what of an issue's letters depends on our site. Keeps the logo, which previews show too."""
    if logo := configured_theme().logo:
        for picture in logo.pictures:
            keep_picture(picture, logo.alt)
    addresses = calendar_addresses(issue)
    return Options(
        preferences=True,
        calendar_url=lambda section, event: addresses[section, event],
        site_url=settings.SITE_URL,
        more_less=True,
        fields=writable_fields(),
    )


def greet(name: str, language: str) -> str:
    """Return what someone is greeted with; without a name, what everyone is.

    Words of the organisation's own that can't be read any more hold no letter up that is on its way.
    """
    with contextlib.suppress(SettingsError):
        return greeting(name, language, configured_theme().folders)
    return greeting(name, language)
