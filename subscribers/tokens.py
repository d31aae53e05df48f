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
# With the payload of most, a multiple of three, so that base64 pads nothing and its letters can be cut between the parts.
_MAC_BYTES = 18
# What each letter has: one MAC for both, a half for each, takes half of the time.
_IN_A_LETTER = ("unsubscribe", "preferences")
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
    """Return a token of 40 letters that fits into an address. One `purpose`'s token is worth nothing for another."""
    payload = _PAYLOAD.pack(holder.campaign_id, holder.subscriber_id)
    return _in_letters(payload + _mac(settings.SECRET_KEY, purpose, payload))


def tokens_of_a_letter(campaign_id: int) -> Callable[[int], tuple[str, str]]:
    """Return what makes the tokens for "unsubscribe" and "preferences" in one campaign's mail, by the subscriber's id: for many."""
    keyed, pack = _keyed_for_letters(settings.SECRET_KEY), _PAYLOAD.pack
    # Three octets are four letters.
    begins, halves = _PAYLOAD.size * 4 // 3, (_PAYLOAD.size + _MAC_BYTES) * 4 // 3

    def tokens(subscriber_id: int) -> tuple[str, str]:
        payload, mac = pack(campaign_id, subscriber_id), keyed.copy()
        mac.update(payload)
        letters = _in_letters(payload + mac.digest())
        return letters[:halves], letters[:begins] + letters[halves:]

    return tokens


def make_expiring_token(purpose: str, subscriber_id: int, number: int, *, seconds: int) -> str:
    """Return a token of 43 letters that stops working in so many seconds.

    `number` names what is confirmed by it: a row of the consent log, a change of address.
    """
    until = int(time.time()) + seconds
    payload = _EXPIRING.pack(number, subscriber_id, until)
    return _in_letters(payload + _mac(settings.SECRET_KEY, purpose, payload))


def read_expiring_token(purpose: str, token: str) -> tuple[int, int]:
    """Return the subscriber and the number that a token speaks for. Raises TokenError, also for one whose time is over."""
    number, subscriber_id, until = _EXPIRING.unpack(_payload(purpose, token, _EXPIRING.size))
    if until < time.time():
        raise TokenError("The link has become too old.")
    return subscriber_id, number


# BLAKE2 with a key is a MAC by itself (RFC 7693, 2.9). A copy of what has the key in it already takes half of the time.
@lru_cache(maxsize=4)
def _keyed_for_letters(secret: str) -> blake2b:
    return blake2b(digest_size=_MAC_BYTES * len(_IN_A_LETTER), key=_key(secret, "letter"))


def _mac(secret: str, purpose: str, payload: bytes) -> bytes:
    if purpose not in _IN_A_LETTER:
        return blake2b(payload, digest_size=_MAC_BYTES, key=_key(secret, purpose)).digest()
    mac = _keyed_for_letters(secret).copy()
    mac.update(payload)
    half = _IN_A_LETTER.index(purpose) * _MAC_BYTES
    return mac.digest()[half : half + _MAC_BYTES]


def _in_letters(octets: bytes) -> str:
    # As base64.urlsafe_b64encode does it, in fewer steps.
    return binascii.b2a_base64(octets, newline=False).translate(_URL_SAFE, b"=").decode()


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
        if hmac.compare_digest(_mac(secret, purpose, payload), mac):
            return payload
    raise TokenError("The link was not made by this service.")
