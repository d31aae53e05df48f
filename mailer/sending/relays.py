"""The mail server that takes our mail onward, as one setting names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

Security = Literal["none", "starttls", "tls"]

_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}


class RelayError(ValueError):
    """SMTP_URL can't be understood. The message is a sentence for people, without the secret."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Where and how to hand over mail. `timeout` is in seconds, for each phase but the final dot."""

    host: str
    port: int
    security: Security = "none"
    user: str = ""
    password: str = ""
    timeout: float = 60.0
    # Whether `password` is an OAuth 2 access token, as Microsoft 365 and Google ask for.
    oauth: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def relay_from_url(url: str) -> Relay:
    """Read `smtp://`, `smtp+starttls://` or `smtps://[user:secret@]host[:port][?timeout=seconds&auth=xoauth2]`. Raises RelayError."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise RelayError(f"SMTP_URL must begin with one of {', '.join(f'{s}://' for s in _SCHEMES)}.")
    security, port = _SCHEMES[parts.scheme]
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    try:
        port = parts.port or port
        timeout = float(options.get("timeout", "60"))
    except ValueError:
        raise RelayError("SMTP_URL has a port or a timeout that is no number.") from None
    if not parts.hostname:
        raise RelayError("SMTP_URL names no host.")
    return Relay(
        host=parts.hostname,
        port=port,
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        timeout=timeout,
        oauth=options.get("auth", "").lower() == "xoauth2",
    )


def configured_relay() -> Relay:
    """Return the relay of the settings. Raises RelayError."""
    return relay_from_url(settings.SMTP_URL)
