import json
import re

import pytest

from mailer.models import Delivery, Feedback
from mailer.results.person import as_plain, export, export_html, happenings
from mailer.sending.materialise import make_all_rows
from subscribers import custom_fields
from subscribers.history import history
from subscribers.models import AddressChange, ConsentEvent, OwedMail
from tests.factories import SubscriberFactory
from tests.public.delivered import launched

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture
def kari():
    custom_fields.define("employees", name_nb="ansatte", name_en="employees", kind="number")
    person = SubscriberFactory(
        address="kari@example.org", name="Kari <b>Nordmann</b>", follows=("students",), fields={"employees": 1234}
    )
    ConsentEvent.objects.create(subscriber=person, kind="confirmed", source="page", basis="Ja takk", version="2026-11")
    AddressChange.objects.create(subscriber=person, address="ny@example.org", address_key="ny@example.org")
    OwedMail.objects.create(kind="welcome", subscriber=person, outcome="sent")
    make_all_rows(launched().pk)
    Delivery.objects.update(status="sent", reply_text="250 2.0.0 ok", finished_at=person.created_at)
    Feedback.objects.create(kind="bounce", unique_id="1", subscriber=person, source="dsn", detail={"code": "5.1.1"})
    person.refresh_from_db()
    return person


def test_the_json_has_all_that_is_kept(kari):
    told = json.loads(json.dumps(export(kari), default=as_plain))
    assert told["person"]["address"] == "kari@example.org"
    assert [row["interest__slug"] for row in told["interests"]] == ["students"]
    assert told["consent"][0]["version"] == "2026-11"
    assert told["address_changes"][0]["address"] == "ny@example.org"
    assert told["mails"][0]["kind"] == "welcome"
    assert (told["letters"][0]["reply"], told["letters"][0]["address"]) == ("250 2.0.0 ok", "kari@example.org")
    assert told["feedback"][0]["detail"] == {"code": "5.1.1"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ("alt vi har lagret om deg", "bekreftet", "sendt", "1\xa0234")),
        ("en", ("everything that we keep", "confirmed", "1,234")),
    ],
)
def test_the_page_says_it_in_the_person_s_language(kari, language, words):
    page = export_html(kari, organisation="SVU", contact="post@example.org", language=language)
    assert f'<html lang="{language}">' in page
    for word in (*words, "Ja takk", "ny@example.org", "250 2.0.0 ok", "post@example.org", "5.1.1"):
        assert word in page, word
    assert "&lt;b&gt;Nordmann" in page


def test_the_page_asks_nothing_of_anyone(kari):
    page = export_html(kari, organisation="SVU", contact="post@example.org")
    assert not re.search(r"(?i)<script|<link|<img|<iframe|src=|url\(|@import|https?:", page)


def test_letters_and_what_came_back_are_part_of_the_history(kari):
    said = [row.what for row in history(kari, happenings(kari))]
    assert {"Was sent the letter", "A letter came back", "Confirmed that they want the letter"} <= set(said)
