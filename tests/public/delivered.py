"""Letters that were really sent, and the links in them."""

import re

from django.conf import settings

from mailer.models import Campaign, Issue
from mailer.sending import batches
from mailer.sending.headers import Mailbox
from mailer.sending.launch import create_campaign, launch
from mailer.sending.planning import Order
from subscribers.audiences import Audience
from tests.factories import make_issue
from tests.smtp_sink import Received

EVERYONE = Audience()


def launched(audience: Audience = EVERYONE, issue: Issue | None = None) -> Campaign:
    """A campaign whose deliveries wait for a worker."""
    order = Order(issue or make_issue(), audience, Mailbox("SVU", "brev@example.org"), by="torill", again=True)
    campaign = create_campaign(order)
    launch(campaign.pk, by="torill")
    campaign.refresh_from_db()
    return campaign


def delivered(audience: Audience = EVERYONE, issue: Issue | None = None) -> Campaign:
    """A campaign of which everyone has got their letter."""
    campaign = launched(audience, issue)
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    campaign.refresh_from_db()
    return campaign


def unsubscribe_link(message: Received) -> str:
    """The https address in List-Unsubscribe, which the letter's own link must be the same as."""
    header = message.parsed()["List-Unsubscribe"]
    link = next(str(address) for address in re.findall("<([^>]*)>", header) if address.startswith("http"))
    assert link in links(message)
    return link


def web_link(message: Received) -> str:
    return next(link for link in links(message) if link.startswith(f"{settings.SITE_URL}/w/"))


def links(message: Received) -> list[str]:
    """Every address that the letter's HTML leads to."""
    body = message.parsed().get_body(("html",))
    assert body is not None
    return [str(match[1]) for match in re.finditer('href="([^"]*)"', body.get_content())]
