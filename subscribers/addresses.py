"""E-mail addresses: one spelling of each, so that one person is one row."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

# What spreadsheets and web pages put into an address without anyone seeing it.
_INVISIBLE = re.compile("[\u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad]")


class AddressError(ValueError):
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
    except EmailNotValidError as problem:
        raise AddressError(f"'{shown[:80]}' is not an e-mail address: {problem}") from None
    wire = f"{found.local_part}@{found.ascii_domain}"
    return Address(wire=wire, key=unicodedata.normalize("NFC", wire.casefold()))


def shorten(address: str) -> str:
    """Return an address as logs may show it: `k•••@e•••.com`."""
    local, _, domain = address.rpartition("@")
    name, dot, top = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••{dot}{top}"
