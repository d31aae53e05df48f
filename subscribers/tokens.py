"""Signed tokens in the links of a mail: they say who, need no sign-in, and can't be made by anyone else."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
import time
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from django.conf import settings

_PAYLOAD = struct.Struct(">IQ")
# With the moment in which it stops working, in seconds since 1970; enough until 2106.
_EXPIRING = struct.Struct(">IQI")
_MAC_BYTES = 16
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class TokenError(ValueError):
    """The token is forged, cut short or made with another key."""


class Holder(NamedTuple):
    """Whom a token speaks for, and the campaign whose mail it stood in (0: none)."""

    subscriber_id: int
    campaign_id: int = 0


@lru_cache(maxsize=16)
def _key(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"ukebrev.token.{purpose}".encode(), "sha256")


def make_token(purpose: str, holder: Holder) -> str:
    """Return a token of 38 letters that fits into an address. One `purpose`'s token is worth nothing for another."""
    return token_maker(purpose, holder.campaign_id)(holder.subscriber_id)


def token_maker(purpose: str, campaign_id: int) -> Callable[[int], str]:
    """Return what makes the tokens of one purpose in one campaign's mail, by the subscriber's id: for when there are many."""
    mac, pack = _keyed(_key(settings.SECRET_KEY, purpose)), _PAYLOAD.pack
    return lambda subscriber_id: _sealed(mac, pack(campaign_id, subscriber_id))


def make_expiring_token(purpose: str, subscriber_id: int, number: int, *, seconds: int) -> str:
    """Return a token of 43 letters that stops working in so many seconds.

    `number` names what is confirmed by it: a row of the consent log, a change of address.
    """
    until = int(time.time()) + seconds
    return _sealed(_keyed(_key(settings.SECRET_KEY, purpose)), _EXPIRING.pack(number, subscriber_id, until))


def read_expiring_token(purpose: str, token: str) -> tuple[int, int]:
    """Return the subscriber and the number that a token speaks for. Raises TokenError, also for one whose time is over."""
    number, subscriber_id, until = _EXPIRING.unpack(_payload(purpose, token, _EXPIRING.size))
    if until < time.time():
        raise TokenError("The link has become too old.")
    return subscriber_id, number


@lru_cache(maxsize=16)
def _keyed(key: bytes) -> blake2b:
    """What every MAC with this key begins as. BLAKE2 with a key is one by itself (RFC 7693, 2.9)."""
    return blake2b(digest_size=_MAC_BYTES, key=key)


def _sealed(keyed: blake2b, payload: bytes) -> str:
    # As base64.urlsafe_b64encode does it, in fewer steps: each letter has several.
    sealed = binascii.b2a_base64(payload + _mac(keyed, payload), newline=False)
    return sealed.translate(_URL_SAFE).rstrip(b"=").decode()


def _mac(keyed: blake2b, payload: bytes) -> bytes:
    # A copy of what has the key in it already takes half of the time.
    mac = keyed.copy()
    mac.update(payload)
    return mac.digest()


def read_token(purpose: str, token: str) -> Holder:
    """Return whom a token speaks for. Older keys in SECRET_KEY_FALLBACKS still count. Raises TokenError."""
    campaign_id, subscriber_id = _PAYLOAD.unpack(_payload(purpose, token, _PAYLOAD.size))
    return Holder(subscriber_id=subscriber_id, campaign_id=campaign_id)


def _payload(purpose: str, token: str, size: int) -> bytes:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TokenError("The link is not whole.") from None
    if len(raw) != size + _MAC_BYTES:
        raise TokenError("The link is not whole.")
    payload, mac = raw[:size], raw[size:]
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(_mac(_keyed(_key(secret, purpose)), payload), mac):
            return payload
    raise TokenError("The link was not made by this service.")
