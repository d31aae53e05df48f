import json
from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.feedback.unsubscribes import leave
from mailer.models import Campaign, Delivery, Feedback
from mailer.results.person import as_plain, export, happenings
from mailer.sending.materialise import make_all_rows
from subscribers import custom_fields
from subscribers.history import history
from subscribers.models import AddressChange, ConsentEvent, OwedMail
from subscribers.preferences import subscribe_again
from subscribers.tokens import Holder
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


def test_letters_and_what_came_back_are_part_of_the_history(kari):
    said = [row.what for row in history(kari, happenings(kari))]
    assert {"Was sent the letter", "A letter came back", "Confirmed that they want the letter"} <= set(said)


def test_leaving_from_a_letter_is_told_once_with_the_letter_and_a_later_press_as_what_it_is(kari):
    campaign = Campaign.objects.get()
    leave(Holder(subscriber_id=kari.pk, campaign_id=campaign.pk), source="one-click")
    leave(Holder(subscriber_id=kari.pk, campaign_id=campaign.pk), source="one-click")
    told = [row for row in history(kari, happenings(kari)) if "eft the list" in row.what or "leave" in row.what]
    assert [(row.what, row.detail, row.source) for row in told] == [
        ("Left the list", f"{campaign.issue.title}, campaign {campaign.pk}", "one-click")
    ]
    Feedback.objects.create(kind="unsubscribe", unique_id="later", subscriber=kari, source="page", campaign=campaign)
    Feedback.objects.filter(unique_id="later").update(at=timezone.now() + timedelta(days=7))
    said = [row.what for row in history(kari, happenings(kari))]
    assert said[-1] == "Pressed the link to leave once more"
    assert said.count("Left the list") == 1


def test_leaving_twice_with_coming_back_between_is_told_twice(kari):
    leave(Holder(subscriber_id=kari.pk, campaign_id=0), source="page")
    subscribe_again(kari.pk, basis="Wrote to us.", source="cli")
    leave(Holder(subscriber_id=kari.pk, campaign_id=0), source="page")
    assert [row.what for row in history(kari, happenings(kari))].count("Left the list") == 2
