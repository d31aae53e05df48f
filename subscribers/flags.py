"""What is odd about an address. It gets mail all the same; an editor sees the flag."""

from __future__ import annotations

from functools import cache

from disposable_email_domains import blocklist

from subscribers.word_lists import read_words

ROLE = "role"
DISPOSABLE = "disposable"


def flags_of(address_key: str) -> list[str]:
    """Return the flags of a normalised address (`Address.key`).

    "role" is a task's mailbox (post@, info@); "disposable" is thrown away after use (`disposable-email-domains` keeps that list).
    """
    local, _, domain = address_key.rpartition("@")
    return [flag for flag, is_so in ((ROLE, is_role(local)), (DISPOSABLE, is_disposable(domain))) if is_so]


def is_role(local_part: str) -> bool:
    """Tell whether the part before the @, in lower case, names a task. What follows a + does not count (RFC 5233)."""
    return local_part.partition("+")[0] in _role_names()


def is_disposable(domain: str) -> bool:
    """Tell whether a domain in lower case, or one above it, gives out addresses that are thrown away after use."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


@cache
def _role_names() -> frozenset[str]:
    return read_words("role_names.txt")
