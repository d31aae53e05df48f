"""E-mail addresses: one spelling of each, so that one person is one row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from subscribers.reasons import Coded

# What spreadsheets and web pages put into an address without anyone seeing it.
_INVISIBLE = re.compile("[\u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad]")

# RFC 3696, erratum 1690: what fits into a path of RFC 5321, 4.5.3.1.3.
_LONGEST = 254
# Of RFC 5321's atext the rest is letters and digits; letters of other scripts are RFC 6531's business.
_NEVER_BEFORE_AT = re.compile(r"[()<>\[\]:\\\"\x00-\x20\x7f]")
# Letters of what was typed that a sentence shows.
_SHOWN = 80


class AddressError(Coded):
    """The text is no address that mail can be sent to. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Address:
    """`wire` is what a relay is given (domain in lower case and punycode, RFC 5891); `key` is what makes two spellings one person.

    Both are NFC. `wire` may have letters such as ø before the @; it then goes only by relays that have SMTPUTF8 (RFC 6531).
    """

    wire: str
    key: str


def normalise(text: str) -> Address:
    """Return the one spelling of an address.

    The local part keeps its case on the wire (RFC 5321, 2.4), while `key` folds it: no provider in use tells Kari@ from kari@,
    and one person would otherwise get two letters.

    Raises AddressError when it is no address.
    """
    shown = _INVISIBLE.sub(" ", text).strip()
    try:
        found = validate_email(shown, check_deliverability=False)
    except EmailNotValidError:
        raise _fault(shown) from None
    wire = f"{found.local_part}@{found.ascii_domain}"
    return Address(wire=wire, key=unicodedata.normalize("NFC", wire.casefold()))


def _fault(text: str) -> AddressError:
    """Return what is wrong with a text that is no address: the first thing that somebody would mend."""
    local, _, domain = text.rpartition("@")
    found = next((code for code, is_so in _faults(text, local, domain) if is_so), "")
    return (
        AddressError(found, text[:_SHOWN]) if found else AddressError("address-domain", text[:_SHOWN], domain[:_SHOWN])
    )


def _faults(text: str, local: str, domain: str) -> Iterator[tuple[str, bool]]:
    yield "address-nothing", not text
    yield "address-no-at", "@" not in text
    yield "address-quoted", local.startswith('"') or local.endswith('"')
    yield "address-two-at", "@" in local
    yield "address-before", not local
    yield "address-after", not domain
    yield "address-comma", "," in text or ";" in text
    yield "address-space", any(letter.isspace() for letter in text)
    yield "address-number", domain.startswith("[")
    yield "address-periods", ".." in text or any(part.strip(".") != part for part in (local, domain))
    yield "address-long", len(text) > _LONGEST
    yield "address-period", "." not in domain
    yield "address-letters", bool(_NEVER_BEFORE_AT.search(local))


def shorten(address: str) -> str:
    """Return an address as logs may show it: `k•••@e•••.com`."""
    local, _, domain = address.rpartition("@")
    name, dot, top = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••{dot}{top}"
