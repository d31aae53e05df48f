"""What programs that fill in every form fall into, and people never, or without harm: they are asked to press once more."""

from __future__ import annotations

import time

from django.core.signing import BadSignature, Signer

# In seconds. Nobody reads a form and types an address in less; a form that was left open longer gets a new stamp.
_SHORTEST = 2
_LONGEST = 2 * 86400


def stamp() -> str:
    """Return the moment at which a form was shown, signed, for a hidden field of it."""
    return _signer().sign(str(int(time.time())))


def is_in_time(text: str) -> bool:
    """Tell whether a form was shown a while ago and not too long ago. A stamp that is none was shown by nobody."""
    try:
        age = time.time() - int(_signer().unsign(text))
    except (BadSignature, ValueError):
        return False
    return _SHORTEST <= age <= _LONGEST


def _signer() -> Signer:
    return Signer(salt="ukebrev.form")
