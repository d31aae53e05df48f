"""What an editor or subscriber typed is never a template, a header or a query."""

import pytest

from mailer.models.parsed import store_issue
from mailer.parsing.importing import parse_text
from mailer.sending import batches
from mailer.sending.headers import Mailbox
from mailer.sending.launch import create_campaign, launch
from mailer.sending.planning import Order
from subscribers.audiences import Audience
from tests.factories import SubscriberFactory, make_interests

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = [
    "{{ 7*7 }}",
    "{% raw %}",
    "@@UNSUBSCRIBE_URL@@",
    "<script>alert(1)</script>",
    "<mj-raw>",
    "]]>",
    "'; DROP TABLE mailer_issue; --",
    "%(campaign)s %s",
    "Å > B & C",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_typed_in_every_field_it_arrives_as_typed(redis_server, smtp_sink, typed):
    make_interests()
    text = f"Uke 45 {typed}\n\nInnledning {typed} her, med flere ord i setningen.\n\nOverskrift {typed}\n\nEn sak om {typed} og mer.\n"
    issue = store_issue(parse_text(text), source=text).issue
    SubscriberFactory(address="kari@example.org", name=f"Kari {typed}\r\nBcc: ola@example.org")
    campaign = create_campaign(
        Order(issue, Audience(), Mailbox(f"SVU {typed}", "brev@example.org"), by=typed, again=True)
    )
    launch(campaign.pk, by=typed)
    for batch in campaign.batches.all():
        batches.work_batch(batch.pk)
    (received,) = smtp_sink.messages
    message = received.parsed()
    assert received.recipients == ["kari@example.org"]
    assert message["Bcc"] is None
    assert typed in message["Subject"]
    plain = " ".join(message.get_body(("plain",)).get_content().split())
    assert plain.count(typed) >= 3
    html = message.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "49" not in message["Subject"]
