"""Addresses by the million: plain ones are read at once, and exactly as `addresses.normalise` would; the rest goes through it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import email_validator
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES, EMAIL_MAX_LENGTH

from subscribers.addresses import Address, AddressError, normalise
from subscribers.flags import DISPOSABLE, ROLE, is_disposable, is_role
from subscribers.typos import meant_domain

# A subset of what RFC 5321 and email-validator allow: nothing that needs quotes, IDNA or a second look.
_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*").fullmatch
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}").fullmatch
_SPECIAL = frozenset(name.rpartition(".")[2] for name in email_validator.SPECIAL_USE_DOMAIN_NAMES)
# RFC 2142: names of which a mail server may not tell the case apart.
_ANY_CASE = frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)
_MOST_DOMAINS = 50_000
_NAMED = re.compile(r'\s*"?([^"<>]*?)"?\s*<\s*(?:mailto:)?([^<>\s]+)\s*>\s*;?\s*')
# Longer than any address; what is longer is not looked at.
_LONGEST = 320


@dataclass(frozen=True, slots=True)
class Domain:
    """What is known of a domain. `plain` is its wire form, or nothing where it needs a second look."""

    plain: str
    disposable: bool
    meant: str | None


class Addresses:
    """Reads addresses and remembers their domains, of which a list has few."""

    def __init__(self) -> None:
        self._domains: dict[str, Domain] = {}

    def read(self, text: str) -> tuple[Address, str]:
        """Return an address and the name that stood before it, if it was written as Kari <kari@example.org>. Raises AddressError."""
        plain = self.plain(text)
        if plain is not None:
            return plain, ""
        if len(text) > _LONGEST:
            raise AddressError("address-long", f"{text[:40]}…")
        named = _NAMED.fullmatch(text)
        if named:
            return normalise(named[2]), named[1]
        if text.count("@") > 1 and re.search(r"[,;\s]", text.strip()):
            raise AddressError("address-several", text[:80])
        return normalise(text.strip().removeprefix("mailto:")), ""

    def plain(self, text: str) -> Address | None:
        """Return what `normalise` would, if the address is so plain that this can be told at once; else None."""
        if len(text) > EMAIL_MAX_LENGTH or not text.isascii():
            return None
        local, at, domain = text.partition("@")
        if not at or _LOCAL(local) is None:
            return None
        known = self._domains.get(domain) or self.domain(domain)
        if not known.plain:
            return None
        folded = local.lower()
        wire = f"{folded if folded in _ANY_CASE else local}@{known.plain}"
        return Address(wire=wire, key=f"{folded}@{known.plain}")

    def domain(self, typed: str) -> Domain:
        """Return what is known of a domain, as it was typed."""
        known = self._domains.get(typed)
        if known is None:
            if len(self._domains) >= _MOST_DOMAINS:
                self._domains.clear()
            lower = typed.lower()
            known = Domain(lower if _is_plain(lower) else "", is_disposable(lower), meant_domain(lower))
            self._domains[typed] = known
        return known

    def flags(self, address: Address) -> list[str]:
        """Return what `flags.flags_of` would."""
        local, _, domain = address.key.rpartition("@")
        return [f for f, is_so in ((ROLE, is_role(local)), (DISPOSABLE, self.domain(domain).disposable)) if is_so]


def _is_plain(domain: str) -> bool:
    return (
        domain.isascii()
        and "--" not in domain
        and _DOMAIN(domain) is not None
        and domain.rpartition(".")[2] not in _SPECIAL
    )
