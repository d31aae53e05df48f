from datetime import timedelta

import pytest
from django.utils import timezone

from subscribers.models import OwedMail, Subscriber
from tests.factories import SubscriberFactory


@pytest.fixture
def people(ukebrev):
    SubscriberFactory(address="kari@uit.no", follows=("students",), fields={"employees": 9})
    SubscriberFactory(address="ola@example.org", follows=("students", "businesses"))
    SubscriberFactory(address="per@example.org", status="bounced")
    return ukebrev


def test_an_audience_is_counted_kept_shown_renamed_and_deleted(people):
    counted = people("audience", "count", "--interest", "students", "--domain", "uit.no", "--save", "Nordpå", "--json")
    assert counted.code == 0
    assert (counted.json["slug"], counted.json["recipients"], counted.json["left_out"]) == ("nordpa", 1, {})
    shown = people("audience", "show", "Nordpå", "--json").json
    assert [person["address"] for person in shown["sample"]] == ["kari@uit.no"]
    assert "kari@uit.no" in people("audience", "show", "nordpa").out
    assert people("audience", "rename", "nordpa", "Tromsø", "--json").json["slug"] == "tromso"
    assert [row["slug"] for row in people("audience", "list", "--json").json] == ["tromso"]
    assert people("audience", "delete", "tromso").code == 0
    assert people("audience", "list", "--json").json == []


def test_the_sum_is_told_in_words(people):
    told = people("audience", "count").out
    assert "3 candidates, less 1 bounced: 2 would get it." in told


def test_overlap_is_a_table(people):
    answer = people("audience", "overlap", "--json").json
    assert {"interest": "students", "other": "businesses", "people": 1} in answer
    assert "entrepreneurs" in people("audience", "overlap").out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("count", "--interest", "fishing"), "no interest 'fishing'"),
        (("count", "--field", "shoe-size=43"), "no field 'shoe-size'"),
        (("count", "--field", "nonsense"), "no condition"),
        (("count", "--domain", "a b"), "no domain"),
        (("count", "--joined-from", "yesterday"), "yesterday"),
        (("show", "nobody"), "no audience 'nobody'"),
        (("let-go", "--after-days", "1"), "days to answer"),
    ],
)
def test_wrong_input_is_a_sentence_and_exit_code_2(people, words, says):
    answer = people("audience", *words)
    assert answer.code == 2
    assert says in answer.err
    assert "Traceback" not in answer.err


def test_the_silent_are_asked_and_let_go(people):
    people("audience", "count", "--never-heard", "--save", "Silent")
    asked = ("audience", "ask", "silent")
    assert people(*asked, "--json").json == {"asked": 0, "to_ask": 0, "too_new": 2}
    assert "2 are left out: they joined less than 6 months ago" in people(*asked, "--dry-run").out
    now = ("--joined-months", "0", "--letters", "0")
    assert people(*asked, *now, "--dry-run", "--json").json == {"asked": 0, "to_ask": 2, "too_new": 0}
    assert people(*asked, *now, "--json").json == {"asked": 2, "to_ask": 2, "too_new": 0}
    long_ago = timezone.now() - timedelta(days=40)
    Subscriber.objects.filter(asked_at__isnull=False).update(asked_at=long_ago)
    OwedMail.objects.update(outcome="sent", created_at=long_ago, finished_at=long_ago)
    assert people("audience", "let-go", "--dry-run", "--json").json == {"let_go": 0, "to_let_go": 2}
    assert people("audience", "let-go", "--json").json["let_go"] == 2
    assert Subscriber.objects.filter(status="unsubscribed").count() == 2
