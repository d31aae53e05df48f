"""What a person's card shows of a person: an initial in place of a portrait, and where to write."""

from __future__ import annotations

import re

_MAILBOX = re.compile(r"[^@\s:/?#<>\"]+@[^@\s:/?#<>\"]+")


def initial(name: str) -> str:
    """The first letter or digit of a name as a capital, or nothing."""
    return next((character.upper() for character in name if character.isalnum()), "")


def mail_address(typed: str) -> str:
    """Where a link to the person leads: a mailbox becomes a mailto: address, anything else stays what it is."""
    return f"mailto:{typed}" if _MAILBOX.fullmatch(typed) else typed
