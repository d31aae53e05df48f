"""What every page knows: whose it is."""

from __future__ import annotations

from django.http import HttpRequest

from mailer.sending.letterhead import configured_theme


def organisation(request: HttpRequest) -> dict[str, str]:
    """Return the organisation's name and postal address."""
    sender = configured_theme().sender
    return {"organisation": sender.name, "postal_address": ", ".join(sender.address)}
