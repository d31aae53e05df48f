"""Signed tokens in the links of a mail: they say who, need no sign-in, and can't be made by anyone else."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

_PAYLOAD = struct.Struct(">IQ")
_MAC_BYTES = 16


class TokenError(ValueError):
    """The token is forged, cut short or made with another key."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a token speaks for, and the campaign whose mail it stood in (0: none)."""

    subscriber_id: int
    campaign_id: int = 0


@lru_cache(maxsize=16)
def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"ukebrev.token.{purpose}".encode(), "sha256")


def make_token(purpose: str, holder: Holder) -> str:
    """Return a token of 38 letters that fits into an address. One `purpose`'s token is worth nothing for another."""
    payload = _PAYLOAD.pack(holder.campaign_id, holder.subscriber_id)
    mac = hmac.digest(_key(settings.SECRET_KEY, purpose), payload, "sha256")[:_MAC_BYTES]
    return base64.urlsafe_b64encode(payload + mac).rstrip(b"=").decode()


def read_token(purpose: str, token: str) -> Holder:
    """Return whom a token speaks for. Older keys in SECRET_KEY_FALLBACKS still count. Raises TokenError."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TokenError("The link is not whole.") from None
    if len(raw) != _PAYLOAD.size + _MAC_BYTES:
        raise TokenError("The link is not whole.")
    payload, mac = raw[: _PAYLOAD.size], raw[_PAYLOAD.size :]
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(hmac.digest(_key(secret, purpose), payload, "sha256")[:_MAC_BYTES], mac):
            campaign_id, subscriber_id = _PAYLOAD.unpack(payload)
            return Holder(subscriber_id=subscriber_id, campaign_id=campaign_id)
    raise TokenError("The link was not made by this service.")
