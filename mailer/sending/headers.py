"""The headers of a message: folded, safe against anything that was typed into a name or a subject, and ASCII on the wire.

Only an address that needs SMTPUTF8 (RFC 6531) stands there in UTF-8, as RFC 6532 asks.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from django.conf import settings

from subscribers.addresses import AddressError, normalise

# RFC 2047, 2: an encoded word has at most 75 characters; 39 octets make 52 letters of base64 beside the 12 of "=?utf-8?B?" and "?=".
_ENCODED_WORD_OCTETS = 39
_PLAIN_TEXT = re.compile(r"[ !-<>-~]{1,60}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~ -]{1,60}")
# Atoms with single blanks between them: what most names without letters such as ø are.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/^_`{|}~-]+)*")
_LONGEST_PLAIN_NAME = 60
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class SenderError(ValueError):
    """What was given as a sender is none. The message is a sentence for people."""


class Mailbox(NamedTuple):
    """A name and an address (RFC 5322, 3.4). The name may be empty."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class FixedHeaders:
    """What all messages of a variant have in common."""

    sender: Mailbox
    reply_to: str
    list_id: str
    subject: str
    language: str


def read_mailbox(text: str) -> Mailbox:
    """Read `Name <address>` or a bare address, as settings and options give it. Raises SenderError."""
    if _CONTROL.search(text):
        raise SenderError(
            "The sender holds a line break or another control character; it must be one line: Name <address>."
        )
    name, address = parseaddr(text)
    try:
        wire = normalise(address or text).wire
    except AddressError as problem:
        raise SenderError(f"The sender can't be used: {problem}") from None
    if not wire.isascii():
        raise SenderError(
            f"The sender can't be used: '{wire}' has letters before the @ that most mail servers don't take (SMTPUTF8)."
        )
    return Mailbox(name=name, address=wire)


def encode_text(text: str) -> str:
    """Return unstructured text as a header may hold it, with RFC 2047's encoded words where it is not plain ASCII."""
    clean = _CONTROL.sub(" ", text).strip()
    return clean if _PLAIN_TEXT.fullmatch(clean) else _encoded_words(clean)


def encode_mailbox(name: str, address: str) -> str:
    """Return a mailbox as a header may hold it (RFC 5322, 3.4; RFC 2047, 5(3)). The name may be empty."""
    if len(name) <= _LONGEST_PLAIN_NAME and _PLAIN_NAME.fullmatch(name):
        return f"{name}\r\n <{address}>"
    name = " ".join(_CONTROL.sub(" ", name).split())
    if not name:
        return address
    return f"{name if _ATOMS.fullmatch(name) else _encoded_words(name)}\r\n <{address}>"


def _encoded_words(text: str) -> str:
    whole = text.encode()
    words = [whole] if len(whole) <= _ENCODED_WORD_OCTETS else _cut_between_letters(text)
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in words)


def _cut_between_letters(text: str) -> list[bytes]:
    words, word = [], b""
    for letter in text:
        octets = letter.encode()
        if len(word) + len(octets) > _ENCODED_WORD_OCTETS:
            words.append(word)
            word = b""
        word += octets
    return [*words, word]


@lru_cache(maxsize=4)
def _keyed(secret: str) -> blake2b:
    """What every mac of a Message-ID begins as."""
    return blake2b(digest_size=9, key=hmac.digest(secret.encode(), b"ukebrev.message-id", "sha256"))


def message_id(*, campaign_id: int, delivery_id: int, domain: str) -> str:
    """Return the Message-ID of a delivery: the same however often it is tried, and not to be guessed (RFC 5322, 3.6.4)."""
    return message_id_maker(campaign_id, domain)(delivery_id)


def message_id_maker(campaign_id: int, domain: str) -> Callable[[int], str]:
    """Return what makes the Message-IDs of one campaign, by the delivery's id: for when there are many."""
    start, keyed, end = f"{campaign_id}.", _keyed(settings.SECRET_KEY), f"@{domain}>"

    def message_id(delivery_id: int) -> str:
        name, mac = f"{start}{delivery_id}", keyed.copy()
        mac.update(name.encode())
        return f"<{name}.{mac.hexdigest()}{end}"

    return message_id


def named_message_id(name: str, domain: str) -> str:
    """Return the Message-ID that a name of ours always gets, with a mac so that it can't be guessed."""
    mac = _keyed(settings.SECRET_KEY).copy()
    mac.update(name.encode())
    return f"<{name}.{mac.hexdigest()}@{domain}>"


def fixed_block(headers: FixedHeaders) -> bytes:
    """Return the lines that all messages of a variant share."""
    lines = [
        f"From: {encode_mailbox(*headers.sender)}",
        f"Reply-To: {headers.reply_to or headers.sender.address}",
        f"Subject: {encode_text(headers.subject)}",
        f"List-Id: {encode_mailbox(headers.sender.name, headers.list_id)}",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        # RFC 3834, 5: made by a program. List mail is nobody's answer, so no vacation program should answer it.
        "Auto-Submitted: auto-generated",
        f"Content-Language: {headers.language}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


@lru_cache(maxsize=64)
def _date(moment: datetime) -> str:
    # Deliveries that are taken together have one and the same.
    return format_datetime(moment)


def message_block(
    recipient: str, *, message_id: str, date: datetime, unsubscribe_url: str, unsubscribe_mailto: str
) -> bytes:
    """Return the lines that are one message's own.

    `recipient` is what `encode_mailbox` gives; `unsubscribe_url` is the address that RFC 8058's POST goes to.
    """
    return (
        f"Date: {_date(date)}\r\nMessage-ID: {message_id}\r\nTo: {recipient}\r\n"
        f"List-Unsubscribe: <{unsubscribe_url}>,\r\n <mailto:{unsubscribe_mailto}>\r\n"
    ).encode()
