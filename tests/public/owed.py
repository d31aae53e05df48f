"""Mails to one person, sent as a worker would, and the links in them."""

import re

from django.conf import settings

from mailer.transactional.delivery import deliver
from subscribers.models import OwedMail
from tests.smtp_sink import Received, SmtpSink


def send_owed() -> None:
    """Sends everything that is owed, and what becomes owed by it."""
    for owed in OwedMail.objects.filter(due_at__isnull=False):
        deliver(owed.pk)


def body_of(message: Received, kind: str) -> str:
    """The plain text or the HTML of a mail."""
    body = message.parsed().get_body((kind,))
    assert body is not None
    return str(body.get_content())


def link_in(message: Received, page: str) -> str:
    """The address, in the mail's plain text, of one of our pages; the HTML must lead to the same."""
    plain, html = body_of(message, "plain"), body_of(message, "html")
    found = re.search(rf"{re.escape(settings.SITE_URL)}/{page}/\S+", plain)
    assert found, plain
    assert f'href="{found[0]}"' in html
    return found[0]


def newest(sink: SmtpSink, recipient: str) -> Received:
    return sink.messages_to(recipient)[-1]
