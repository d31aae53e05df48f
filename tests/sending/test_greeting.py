"""The greeting is each reader's own, in the language of the letter's fixed words."""

from dataclasses import replace

import pytest

from mailer.sending import freeze, letterhead, preview
from tests.factories import SubscriberFactory, make_issue
from tests.public.delivered import delivered, web_link

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def greeting_theme(monkeypatch):
    """The configured theme, greeting."""
    theme = replace(letterhead.configured_theme(), greeting=True)
    for module in (letterhead, freeze, preview):
        monkeypatch.setattr(module, "configured_theme", lambda: theme)


@pytest.fixture
def issue(redis_server, smtp_sink, greeting_theme):
    SubscriberFactory(address="kari@example.org", name="Kari Hansen")
    SubscriberFactory(address="john@example.org", name="John Smith", language="en")
    SubscriberFactory(address="nobody@example.org", name="")
    return make_issue()


def bodies(smtp_sink, address):
    (message,) = smtp_sink.messages_to(address)
    return [message.parsed().get_body((kind,)).get_content() for kind in ("plain", "html")]


@pytest.mark.parametrize(
    ("address", "greeted"),
    [("kari@example.org", "Hei Kari,"), ("john@example.org", "Hi John,"), ("nobody@example.org", "Hei,")],
)
def test_each_is_greeted_by_name_where_there_is_one(issue, smtp_sink, address, greeted):
    delivered(issue=issue)
    for body in bodies(smtp_sink, address):
        assert greeted in body
        assert "@@" not in body


def test_the_web_edition_greets_nobody_by_name(issue, smtp_sink, client):
    delivered(issue=issue)
    page = client.get(web_link(smtp_sink.messages_to("kari@example.org")[0])).content.decode()
    assert "Kari" not in page
    assert "@@" not in page


def test_a_preview_shows_how_it_will_look(issue):
    (shown,) = preview.previews(issue, interests=())
    assert "Hei Kari," in shown.html
    assert "Hei Kari," in shown.text
