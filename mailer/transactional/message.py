"""A mail to one person as bytes: headers that say what it is, the body, and a signature where the settings ask for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

from django.conf import settings

from mailer.rendering.compiled import compile_letter
from mailer.rendering.letter import RenderedLetter
from mailer.sending.dkim import configured_signers, signature_of
from mailer.sending.envelope import Envelope
from mailer.sending.headers import Mailbox, encode_mailbox, encode_text, named_message_id, read_mailbox
from mailer.sending.letterhead import configured_theme
from mailer.sending.links import unsubscribe_url


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is written. `unsubscribe_token` makes it one that goes to a list's members, which mail programs offer to leave."""

    to: Mailbox
    letter: RenderedLetter
    unsubscribe_token: str = ""


def message_of(mail: Mail, *, owed_id: int, at: datetime) -> tuple[Envelope, bytes]:
    """Return the envelope and the bytes of a mail. The same `owed_id` and `at` give the same Message-ID and Date however often."""
    sender = read_mailbox(settings.MAIL_FROM)
    sender = Mailbox(sender.name or configured_theme().sender.name, sender.address)
    reply_to = read_mailbox(settings.MAIL_REPLY_TO).address if settings.MAIL_REPLY_TO else sender.address
    lines = [
        f"Date: {format_datetime(at)}",
        f"Message-ID: {named_message_id(f'owed.{owed_id}', sender.domain)}",
        f"From: {encode_mailbox(*sender)}",
        f"Reply-To: {reply_to}",
        f"To: {encode_mailbox(*mail.to)}",
        f"Subject: {encode_text(mail.letter.subject)}",
        # RFC 3834, 5: made by a program. No vacation program should answer it.
        "Auto-Submitted: auto-generated",
        f"Content-Language: {mail.letter.language}",
        *_list_headers(mail, sender, reply_to),
    ]
    headers = "".join(f"{line}\r\n" for line in lines).encode("ascii")
    message = compile_letter(mail.letter, boundary=f"=_owed-{owed_id}").fill({}, headers)
    bounces_to = read_mailbox(settings.MAIL_BOUNCES_TO).address if settings.MAIL_BOUNCES_TO else sender.address
    signers = configured_signers()
    if signers:
        message = signature_of(message, signers, at=int(at.timestamp())) + message
    return Envelope(sender=bounces_to, recipient=mail.to.address), message


def _list_headers(mail: Mail, sender: Mailbox, reply_to: str) -> list[str]:
    """RFC 2369, 2919 and 8058, for mail to members only: who is asked to confirm is on no list that could be left."""
    if not mail.unsubscribe_token:
        return []
    token = mail.unsubscribe_token
    list_id = settings.LIST_ID or f"ukebrev.{sender.domain}"
    return [
        f"List-Id: {encode_mailbox(sender.name, list_id)}",
        f"List-Unsubscribe: <{unsubscribe_url(token)}>,\r\n <mailto:{reply_to}?subject={quote(f'unsubscribe {token}')}>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ]
