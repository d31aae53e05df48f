"""What really lies in the inbox: the demo believes the mails, not the database."""

from __future__ import annotations

import mailbox
from collections.abc import Iterable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from mailer.local.inbox import directory_name
from mailer.models import Campaign, Delivery
from mailer.parsing.blocks import block_text
from mailer.parsing.issue import ParsedIssue
from mailer.sending.headers import message_id


@dataclass(frozen=True, slots=True)
class Received:
    """One delivery, the copies of it in its recipient's Maildir, and the positions of the issue's sections that the first one holds."""

    delivery: Delivery
    copies: int
    sections: tuple[int, ...]


def received(campaign: Campaign, issue: ParsedIssue, inbox: Path) -> list[Received]:
    """Look each delivery of a campaign up in its recipient's Maildir."""
    domain = campaign.from_address.rpartition("@")[2]
    found = []
    for delivery in campaign.deliveries.select_related("subscriber", "variant").order_by("pk"):
        wanted = message_id(campaign_id=campaign.pk, delivery_id=delivery.pk, domain=domain)
        copies = [m for m in _messages(inbox / directory_name(delivery.address)) if m["Message-ID"] == wanted]
        sections = sections_in(_plain_text(copies[0]), issue) if copies else ()
        found.append(Received(delivery, len(copies), sections))
    return found


def _messages(maildir: Path) -> Iterable[EmailMessage]:
    if not maildir.is_dir():
        return
    parser = BytesParser(policy=policy.default)
    box = mailbox.Maildir(maildir, create=False)
    for key in box.iterkeys():
        yield parser.parsebytes(box.get_bytes(key))


def _plain_text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain",))
    return str(body.get_content()) if body is not None else ""


def sections_in(text: str, issue: ParsedIssue) -> tuple[int, ...]:
    """Return the positions of the sections whose first words stand in a plain-text letter, however its lines are broken."""
    running = _words(text)
    return tuple(
        position
        for position, section in enumerate(issue.sections)
        if any(_words(block_text(block)[:60]) in running for block in section.blocks[:1])
    )


def _words(text: str) -> str:
    return " ".join(text.split())
