"""Envelope senders that name their delivery (VERP), so that a bounce tells whose it is even when it quotes nothing of the message."""

from __future__ import annotations

import base64
import hmac
import re
from functools import lru_cache

from django.conf import settings

# 80 bits: nobody can make up bounces for others. RFC 4648's base32 has one case, as some servers write addresses in small letters.
_MAC_BYTES = 10
# RFC 5321, 4.5.3.1.1.
_LONGEST_LOCAL_PART = 64
LARGEST_ID = 2**63 - 1
_NAMED = re.compile(r"\+(\d{1,19})\.([a-z2-7]{16})@", re.IGNORECASE | re.ASCII)


class BounceAddressError(ValueError):
    """An address that names no delivery, or one that was not made here. The message is a sentence for people."""


def bounce_address(base: str, delivery_id: int) -> str:
    """Return where the bounces of one delivery go: `bounces+42.mac@example.org` for the base `bounces@example.org`.

    Raises BounceAddressError when the base's local part leaves no room (RFC 5321, 4.5.3.1.1: 64 octets).
    """
    local, at, domain = base.rpartition("@")
    name = f"{local}+{delivery_id}.{_mac(settings.SECRET_KEY, delivery_id)}"
    if not at or not 0 <= delivery_id <= LARGEST_ID or len(name.encode()) > _LONGEST_LOCAL_PART or '"' in local:
        room = _LONGEST_LOCAL_PART - len(name.encode()) + len(local.encode())
        raise BounceAddressError(
            f"Bounces can't come to {base}, each to an address of its own: what stands before the @ may have {room} letters and no quotes."
        )
    return f"{name}@{domain}"


def read_bounce_address(text: str) -> int:
    """Return the delivery that an address of `bounce_address` names, in whatever case, wrapped or prefixed by others (BATV, SRS).

    Keys in SECRET_KEY_FALLBACKS still count. Raises BounceAddressError for any other text.
    """
    for digits, mac in _NAMED.findall(text[:1000]):
        delivery_id = int(digits)
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            if delivery_id <= LARGEST_ID and hmac.compare_digest(_mac(secret, delivery_id), mac.lower()):
                return delivery_id
    raise BounceAddressError(f"{text[:80]!r} is no address that a delivery of ours bounces to.")


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"ukebrev.verp", "sha256")


def _mac(secret: str, delivery_id: int) -> str:
    mac = hmac.digest(_key(secret), str(delivery_id).encode(), "sha256")[:_MAC_BYTES]
    return base64.b32encode(mac).decode().lower()
