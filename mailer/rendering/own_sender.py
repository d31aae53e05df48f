"""Who sends: the organisation as the settings name it, before the theme's own words."""

from __future__ import annotations

from mailer.rendering.theme import Sender, Theme


def own_sender(theme: Theme, organisation: str, address: str) -> Sender:
    """Return who sends, by a name and a postal address (parted by commas), and by the theme where these are empty."""
    lines = tuple(line.strip() for line in address.split(",") if line.strip())
    return Sender(name=organisation or theme.sender.name, address=lines or theme.sender.address)
