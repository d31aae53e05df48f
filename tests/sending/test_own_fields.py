"""What the list knows of a reader, in the letter that they really get; and the links under its sections, followed."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailer.models.translations import editions
from mailer.rendering.slots import FieldSlot
from mailer.sending import own_fields
from mailer.sending.letterhead import letter_options
from mailer.sending.materialise import make_all_rows
from mailer.sending.message import fill_mould, make_mould
from mailer.sending.own_fields import fields_in, writable_fields
from mailer.sending.preview import previews
from mailer.sending.taking import take
from subscribers.custom_fields import define, remove
from subscribers.models import Subscriber
from tests.factories import SubscriberFactory, make_issue, section
from tests.public.delivered import delivered, launched, links, web_link
from tests.sending.moulds import KARI, NOW, whole

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]

TEXT = "Hei [[navn|du]]! Møtet i [[town|din kommune]] er [[day|snart]], med [[members|mange]] andre. [[unknown]]"


@pytest.fixture
def issue():
    define("town", name_nb="kommune", name_en="town")
    define("day", name_nb="dag", name_en="day", kind="date")
    define("members", name_nb="medlemmer", name_en="members", kind="number")
    return make_issue(section("Møte", text=TEXT), section("Studentbyen", "students", "businesses"))


def body(message, kind="plain"):
    return " ".join(message.parsed().get_body((kind,)).get_content().split())


def test_each_reader_gets_what_is_known_of_them(issue, smtp_sink):
    known = {"town": "Vadsø <b>", "day": date(2021, 11, 17).isoformat(), "members": 12345}
    SubscriberFactory(address="kari@example.com", name="Kari Nordmann", fields=known)
    SubscriberFactory(address="ola@example.com", name="ola@example.com", fields={"town": ""})
    delivered(issue=issue)
    (kari,), (ola,) = (smtp_sink.messages_to(f"{name}@example.com") for name in ("kari", "ola"))
    said = "Hei Kari! Møtet i Vadsø <b> er 17. november 2021, med 12 345 andre. [[unknown]]"
    assert said in body(kari)
    assert said.replace("<b>", "&lt;b&gt;") in body(kari, "html")
    assert "Hei du! Møtet i din kommune er snart, med mange andre. [[unknown]]" in body(ola)


def test_the_page_for_everybody_says_nothing_of_one_reader(issue, smtp_sink, client, settings):
    SubscriberFactory(address="kari@example.com", name="Kari Nordmann", fields={"town": "Vadsø"})
    delivered(issue=issue)
    page = client.get(web_link(smtp_sink.messages[0])).content.decode()
    assert "Hei du! Møtet i din kommune" in page
    assert "Vadsø" not in page
    assert "Mer av dette" not in page
    (door,) = re.findall(r'<a class="door" href="([^"]*)"[^>]*>Endre hva du får', page)
    assert door == f"{settings.SITE_URL}/u/"


def test_a_field_that_was_removed_since_leaves_what_is_meant_for_who_has_none(issue, smtp_sink):
    SubscriberFactory(address="kari@example.com", fields={"town": "Vadsø"})
    campaign = launched(issue=issue)
    remove("town")
    mould = make_mould(campaign, campaign.variants.get())
    assert b"din=20kommune" in whole(fill_mould(mould, KARI._replace(fields={"town": "Alta"}), now=NOW))
    slot = FieldSlot("town", "her").name
    fields = fields_in([slot, "WEB_URL"], "nb")
    assert fields
    assert fields.values("Kari", {"town": "Vadsø"}) == {slot: "her"}


def test_fields_are_looked_at_only_for_letters_that_have_places_for_them(issue):
    SubscriberFactory.create_batch(3, fields={"town": "Vadsø"})
    plain, with_fields = launched(issue=make_issue()), launched(issue=issue)
    for campaign in (plain, with_fields):
        make_all_rows(campaign.pk)
    batch_id = plain.batches.get().pk
    with CaptureQueriesContext(connection) as first:
        taken, _ = take(batch_id=batch_id, limit=1)
    with CaptureQueriesContext(connection) as second:
        take(batch_id=batch_id, limit=1)
    assert (len(first), len(second)) == (2, 1)
    assert taken[0].recipient.fields == {}
    taken, _ = take(batch_id=with_fields.batches.get().pk, limit=1)
    assert taken[0].recipient.fields == {"town": "Vadsø"}


def test_what_is_known_of_letters_does_not_grow_for_ever(issue, monkeypatch):
    monkeypatch.setattr(own_fields, "_MANY_LETTERS", 0)
    monkeypatch.setattr(own_fields, "_has_fields", {1: True})
    assert own_fields.values_of({7: -1}) == {}
    assert own_fields._has_fields == {}


def test_an_author_may_name_every_field_and_the_reader(issue):
    assert writable_fields() == {"name", "navn", "town", "day", "members"}
    text = next(iter(editions(issue).all()))
    assert letter_options(text).fields == writable_fields()
    assert letter_options(text).more_less


def test_a_preview_shows_a_reader_of_whom_nothing_is_known_and_leads_nowhere_personal(issue, settings):
    (preview,) = previews(issue, interests=("students",))
    assert "Hei du! Møtet i din kommune" in preview.html
    assert f'href="{settings.SITE_URL}/u/#/less/students"' in preview.html
    assert f"{settings.SITE_URL}/u/#" in preview.text
    assert "@@" not in preview.html + preview.text


def test_the_links_under_a_section_change_what_its_reader_follows(issue, smtp_sink, client, settings):
    SubscriberFactory(address="kari@example.com", follows=("students",))
    delivered(issue=issue)
    own = [link.removeprefix(settings.SITE_URL) for link in links(smtp_sink.messages[0])]
    more, less = (next(link for link in own if f"/{which}/" in link) for which in ("more", "less"))
    assert "Mer for" in client.get(more).content.decode()
    client.post(more)
    client.post(less)
    assert list(Subscriber.objects.get().interests.values_list("slug", flat=True)) == ["businesses"]


def test_the_foot_leads_to_ones_own_choices(issue, smtp_sink, client, settings):
    SubscriberFactory(address="kari@example.com")
    delivered(issue=issue)
    (message,) = smtp_sink.messages
    choose = next(link for link in links(message) if "/p/" in link and "/more/" not in link and "/less/" not in link)
    assert f"Mer eller mindre {choose}" in body(message)
    assert client.get(choose.removeprefix(settings.SITE_URL)).status_code == 200
