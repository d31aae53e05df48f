"""One message: the frozen variant with one subscriber's values in its slots, and the envelope it travels in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from django.conf import settings

from mailer.models import Campaign, Variant
from mailer.rendering.compiled import CompiledLetter, is_plain
from mailer.rendering.slots import field_slot
from mailer.sending.dkim import Seal, configured_signers
from mailer.sending.headers import (
    FixedHeaders,
    Mailbox,
    encode_mailbox,
    fixed_block,
    message_block,
    message_id_maker,
    read_mailbox,
)
from mailer.sending.letterhead import greet
from mailer.sending.links import preferences_url, unsubscribe_url, web_url
from mailer.sending.own_fields import FieldsInLetter, fields_in
from mailer.sending.smtp import Envelope
from mailer.sending.verp import LARGEST_ID, BounceAddressError, bounce_address
from subscribers.field_values import Value
from subscribers.tokens import tokens_of_a_letter


class Recipient(NamedTuple):
    """What a message needs to know of the person it goes to."""

    delivery_id: int
    subscriber_id: int
    address: str
    name: str
    # The organisation's own, by slug; only where the letter has places for them.
    fields: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Mould:
    """What all messages of one variant share; made once for each variant that a worker meets."""

    # Where a mail goes that asks for leaving, with its token still to come (RFC 6068; RFC 2369, 3.2).
    unsubscribe_mailto: str
    # The address that bounces come to, or the one that each delivery's own is made of (VERP).
    bounces_to: str
    has_verp: bool
    fixed: bytes
    letter: CompiledLetter
    # Of the fixed words, and so of the greeting.
    language: str
    seal: Seal | None
    greets: bool
    has_preferences: bool
    # By the delivery's id, and by the subscriber's.
    message_id: Callable[[int], str]
    # The addresses that the two tokens of `tokens` stand behind.
    unsubscribe_at: str
    preferences_at: str
    tokens: Callable[[int], tuple[str, str]]
    # Those slots of the two whose addresses need no encoding.
    plain: frozenset[str] = frozenset()
    fields: FieldsInLetter | None = None


class Filled(NamedTuple):
    """One person's message: its envelope, and its octets in pieces, ready for `smtp.Outgoing`. `size` is how many they are."""

    envelope: Envelope
    pieces: list[bytes]
    size: int


class MouldError(ValueError):
    """No message can be made of a letter here and now, whoever it is for. The message is a sentence for people."""


# What `fill_mould` has values for.
_SLOTS = frozenset({"UNSUBSCRIBE_URL", "PREFERENCES_URL", "RECIPIENT_NAME", "GREETING"})


def make_mould(campaign: Campaign, variant: Variant) -> Mould:
    """Return what all messages of this variant share.

    Raises SenderError or DkimError when the settings can't be used, MouldError when the letter can't.
    """
    sender = Mailbox(campaign.from_name, campaign.from_address)
    reply_to = read_mailbox(campaign.reply_to) if campaign.reply_to else Mailbox("", sender.address)
    fixed = fixed_block(
        FixedHeaders(
            sender=sender,
            reply_to=reply_to.address,
            list_id=campaign.list_id,
            subject=variant.subject,
            language=variant.content_language,
        )
    )
    letter = _letter_of(variant)
    signers, tokens = configured_signers(), tokens_of_a_letter(campaign.pk)
    unsubscribe, preferences = tokens(0)
    return Mould(
        unsubscribe_mailto=f"{reply_to.address}?subject=unsubscribe%20",
        bounces_to=_bounces_to() or sender.address,
        has_verp=bool(settings.MAIL_BOUNCES_TO and settings.VERP),
        fixed=fixed,
        letter=letter,
        language=variant.language,
        seal=Seal(signers, fixed, letter) if signers else None,
        greets="GREETING" in letter.slots,
        has_preferences="PREFERENCES_URL" in letter.slots,
        message_id=message_id_maker(campaign.pk, sender.domain),
        unsubscribe_at=unsubscribe_url(""),
        preferences_at=preferences_url(""),
        tokens=tokens,
        plain=_plain(
            {"UNSUBSCRIBE_URL": unsubscribe_url(unsubscribe), "PREFERENCES_URL": preferences_url(preferences)}
        ),
        fields=fields_in(letter.slots, variant.content_language),
    )


def _letter_of(variant: Variant) -> CompiledLetter:
    letter = CompiledLetter.from_bytes(bytes(variant.compiled)).with_values({"WEB_URL": web_url(variant)})
    unknown = {name for name in letter.slots - _SLOTS if field_slot(name) is None}
    if unknown:
        raise MouldError(
            f"The letter has places that this worker knows nothing of ({', '.join(sorted(unknown))}): it is older than the letter. "
            "Start the workers anew with the version that launched the campaign."
        )
    return letter


def _plain(addresses: Mapping[str, str]) -> frozenset[str]:
    """The slots whose addresses need no encoding, by one address of each: the others differ in the letters of a token, which is as long."""
    return frozenset(name for name, address in addresses.items() if is_plain(address))


def _bounces_to() -> str:
    """The address of the settings that bounces come to, empty where there is none. Raises MouldError where VERP leaves it no room."""
    address = read_mailbox(settings.MAIL_BOUNCES_TO).address if settings.MAIL_BOUNCES_TO else ""
    if address and settings.VERP:
        try:
            # With the longest there will be: not when a million letters are out does it show.
            bounce_address(address, LARGEST_ID)
        except BounceAddressError as problem:
            raise MouldError(str(problem)) from problem
    return address


def fill_mould(mould: Mould, recipient: Recipient, *, now: datetime) -> Filled:
    """Return one person's message.

    The same delivery at the same `now` always gives the same message. None of its lines begins with a dot (see `Outgoing`).
    Raises EnvelopeError for an address that no relay can be asked about; its `reply` tells why.
    """
    delivery_id, subscriber_id, address, name, fields = recipient
    sender = bounce_address(mould.bounces_to, delivery_id) if mould.has_verp else mould.bounces_to
    envelope = Envelope(sender, address)
    token, preferences = mould.tokens(subscriber_id)
    leave = mould.unsubscribe_at + token
    own = message_block(
        encode_mailbox(name, address),
        message_id=mould.message_id(delivery_id),
        date=now,
        unsubscribe_url=leave,
        # A token has nothing that an address would have to escape (RFC 6068, 2).
        unsubscribe_mailto=mould.unsubscribe_mailto + token,
    )
    values = {"UNSUBSCRIBE_URL": leave, "RECIPIENT_NAME": name}
    if mould.has_preferences:
        values["PREFERENCES_URL"] = mould.preferences_at + preferences
    if mould.greets:
        values["GREETING"] = greet(name, mould.language)
    if mould.fields:
        values |= mould.fields.values(name, fields)
    encoded = mould.letter.encode(values, plain=mould.plain)
    signature = mould.seal.sign(own, encoded, at=int(now.timestamp())) if mould.seal else b""
    pieces, size = mould.letter.arrange(signature + own + mould.fixed, encoded)
    return Filled(envelope, pieces, size)
