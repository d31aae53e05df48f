"""Nothing is tracked unless chosen, and nobody has chosen: no pixel, no rewritten link, nothing fetched from elsewhere."""

import re

import pytest
from django.conf import settings

from mailer.sending import batches
from tests.factories import SubscriberFactory, make_issue, section
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = re.compile(r"""(?:href|src|background)=["']([^"']+)|url\(([^)]+)\)""")


def test_a_letter_holds_no_address_but_the_authors_and_our_own_three(redis_server, smtp_sink):
    from mailer.sending.headers import Mailbox
    from mailer.sending.launch import create_campaign, launch
    from mailer.sending.planning import Order
    from subscribers.audiences import Audience

    issue = make_issue(section("Webinar", text="Meld deg på [webinaret](https://example.com/webinar?a=1&b=2)."))
    SubscriberFactory(address="kari@example.org")
    campaign = create_campaign(Order(issue, Audience(), Mailbox("SVU", "brev@example.org"), by="torill", again=True))
    launch(campaign.pk, by="torill")
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    (message,) = smtp_sink.messages
    html = message.parsed().get_body(("html",)).get_content()
    found = {one or two for one, two in ADDRESS.findall(html)}
    # The organisation's logo is the same address for everyone.
    pictures = f"{settings.SITE_URL}/i/"
    outside = {address for address in found if not address.startswith(("#", pictures))}
    own = {address for address in outside if re.match(rf"{re.escape(settings.SITE_URL)}/[puw]/", address)}
    assert outside - own == {"https://example.com/webinar?a=1&amp;b=2"}
    assert len(own) == 3
    assert re.findall(r'<img[^>]*src="([^"]*)"', html) == [address for address in found if address.startswith(pictures)]


def test_readers_of_one_variant_get_the_same_bytes_but_for_what_names_them(redis_server, smtp_sink):
    campaign = launched(2)
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    bodies = [message.parsed().get_body(("html",)).get_content() for message in smtp_sink.messages]
    without_tokens = {re.sub(r"/[pu]/[\w-]+", "/…", body) for body in bodies}
    assert len(without_tokens) == 1
