"""Addresses that must never be mailed again, known only by a keyed hash."""

from __future__ import annotations

import hmac

from django.conf import settings

from subscribers.models import Suppression


def address_hash(address_key: str) -> bytes:
    """Return the keyed hash of a normalised address (`Address.key`): without the key, nobody can try addresses against the table."""
    return hmac.digest(settings.SUPPRESSION_KEY.encode(), address_key.encode(), "sha256")


def is_suppressed(address_key: str) -> bool:
    """Tell whether this address must not be mailed."""
    return Suppression.objects.filter(address_hash=address_hash(address_key)).exists()


def is_barred(address_key: str) -> bool:
    """Tell whether not even a yes of the owner's own brings this address back.

    Who was erased left nothing that would speak against a new wish; who complained, or is barred, did.
    """
    found = Suppression.objects.filter(address_hash=address_hash(address_key))
    return found.exclude(reason=Suppression.Reason.ERASED).exists()


def forget_erasure(address_key: str) -> bool:
    """Forget that an address was erased, as its owner said yes to letters. Return whether it was."""
    found = Suppression.objects.filter(address_hash=address_hash(address_key), reason=Suppression.Reason.ERASED)
    return found.delete()[0] > 0


def suppress(address_key: str, reason: Suppression.Reason) -> None:
    """Never mail this address again. Doing it twice changes nothing: the first reason stays."""
    Suppression.objects.get_or_create(address_hash=address_hash(address_key), defaults={"reason": reason})
