"""One message: the frozen variant with one subscriber's values in its slots, and the envelope it travels in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.conf import settings

from mailer.models import Campaign, Variant
from mailer.rendering.compiled import CompiledLetter
from mailer.sending.headers import (
    FixedHeaders,
    Mailbox,
    MessageHeaders,
    fixed_block,
    message_block,
    message_id,
)
from mailer.sending.letterhead import greet
from mailer.sending.links import unsubscribe_url, web_url
from mailer.sending.smtp import Envelope
from subscribers.tokens import Holder, make_token


@dataclass(frozen=True, slots=True)
class Recipient:
    """What a message needs to know of the person it goes to."""

    delivery_id: int
    subscriber_id: int
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Mould:
    """What all messages of one variant share; made once for each variant in a batch."""

    campaign_id: int
    sender: Mailbox
    reply_to: str
    envelope_sender: str
    fixed: bytes
    letter: CompiledLetter
    # Of the fixed words, and so of the greeting.
    language: str
    web_url: str


def make_mould(campaign: Campaign, variant: Variant) -> Mould:
    """Return what all messages of this variant share."""
    sender = Mailbox(campaign.from_name, campaign.from_address)
    fixed = FixedHeaders(
        sender=sender,
        reply_to=campaign.reply_to,
        list_id=campaign.list_id,
        subject=variant.subject,
        language=variant.content_language,
    )
    return Mould(
        campaign_id=campaign.pk,
        sender=sender,
        reply_to=campaign.reply_to or sender.address,
        envelope_sender=settings.MAIL_BOUNCES_TO or sender.address,
        fixed=fixed_block(fixed),
        letter=CompiledLetter.from_bytes(bytes(variant.compiled)),
        language=variant.language,
        web_url=web_url(variant),
    )


def fill_mould(mould: Mould, recipient: Recipient, *, now: datetime) -> tuple[Envelope, bytes]:
    """Return the envelope and the bytes of one person's message. The same delivery always has the same Message-ID."""
    holder = Holder(subscriber_id=recipient.subscriber_id, campaign_id=mould.campaign_id)
    token = make_token("unsubscribe", holder)
    leave = unsubscribe_url(token)
    own = MessageHeaders(
        recipient=Mailbox(recipient.name, recipient.address),
        message_id=message_id(
            campaign_id=mould.campaign_id, delivery_id=recipient.delivery_id, domain=mould.sender.domain
        ),
        date=now,
        unsubscribe_url=leave,
        unsubscribe_mailto=f"{mould.reply_to}?subject={quote(f'unsubscribe {token}')}",
    )
    values = {"UNSUBSCRIBE_URL": leave, "WEB_URL": mould.web_url, "RECIPIENT_NAME": recipient.name}
    if "GREETING" in mould.letter.slots:
        values["GREETING"] = greet(recipient.name, mould.language)
    message = mould.letter.fill(values, message_block(own) + mould.fixed)
    return Envelope(sender=mould.envelope_sender, recipient=recipient.address), message
