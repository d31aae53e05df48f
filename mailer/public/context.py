"""What every page knows: whose it is, how to reach them, and whether their theme has a sky."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from mailer.public.answers import chosen_language
from mailer.rendering.toml_tables import SettingsError
from mailer.sending.letterhead import configured_theme


def organisation(request: HttpRequest) -> dict[str, object]:
    """Return the organisation's name, postal address, and the address that its readers may write to; and how to change the language.

    A theme that can't be read must not take the page away that says that something went wrong.
    """
    contact = parseaddr(settings.MAIL_REPLY_TO or settings.MAIL_FROM)[1]
    try:
        theme = configured_theme()
    except SettingsError:
        return {
            "organisation": settings.ORGANISATION_NAME,
            "postal_address": settings.POSTAL_ADDRESS,
            "contact": contact,
            **_languages(request),
        }
    return {
        "organisation": theme.sender.name,
        "postal_address": _unbroken(theme.sender.address),
        "contact": contact,
        "has_sky": theme.daylight is not None,
        **_languages(request),
    }


def _languages(request: HttpRequest) -> dict[str, object]:
    """Return what the switch leads to, and what a link needs to stay in the language that was chosen."""
    chosen = chosen_language(request)
    other = "nb" if translation.get_language() == "en" else "en"
    return {
        "keep": f"?lang={chosen}" if chosen else "",
        "and_keep": f"&lang={chosen}" if chosen else "",
        "other_language": (other, dict(settings.LANGUAGES)[other], f"{request.path}?lang={other}"),
    }


def _unbroken(lines: Sequence[str]) -> str:
    """The lines of an address as one that breaks between them only, so that a postal code stays with its town."""
    return ", ".join(line.replace(" ", "\u00a0") for line in lines)
