import json
from datetime import timedelta

import pytest
from django.utils import timezone

from subscribers.models import Subscriber
from tests.factories import SubscriberFactory


@pytest.fixture
def kari(ukebrev):
    ukebrev("subscriber", "add", "kari@example.org", "--name", "Kari Nordmann", "--basis", "asked at the fair")
    return Subscriber.objects.get()


def test_a_person_is_shown_with_their_history(ukebrev, kari):
    shown = ukebrev("subscriber", "show", "KARI@example.org", "--json").json
    assert (shown["name"], shown["status"], shown["interests"]) == ("Kari Nordmann", "active", [])
    assert "Kari Nordmann" in ukebrev("subscriber", "show", "kari@example.org").out
    (event,) = ukebrev("subscriber", "history", "kari@example.org", "--json").json
    assert (event["what"], event["detail"]) == ("Was put onto the list", "asked at the fair")
    assert "asked at the fair" in ukebrev("subscriber", "history", "kari@example.org").out


def test_everything_about_a_person_goes_to_a_file_that_nobody_else_reads(ukebrev, kari, tmp_path):
    page = tmp_path / "kari.html"
    asked = ("subscriber", "export-data", "kari@example.org")
    assert json.loads(ukebrev(*asked).out)["person"]["name"] == "Kari Nordmann"
    assert ukebrev(*asked, "--format", "html", "-o", str(page)).code == 0
    assert "Kari Nordmann" in page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o077 == 0


def test_the_consent_log_is_exported_line_by_line(ukebrev, kari, tmp_path):
    SubscriberFactory()
    one = ukebrev("subscriber", "consent-log", "kari@example.org").out
    assert json.loads(one)["basis"] == "asked at the fair"
    file = tmp_path / "log.jsonl"
    assert ukebrev("subscriber", "consent-log", "-o", str(file)).code == 0
    (row,) = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    assert (row["address"], row["kind"]) == ("kari@example.org", "added")
    assert file.stat().st_mode & 0o077 == 0


def test_a_person_is_erased_and_may_be_allowed_to_sign_up_again(ukebrev, kari):
    assert ukebrev("subscriber", "erase", "kari@example.org", "--json").json == {"erased": True}
    assert ukebrev("subscriber", "show", "kari@example.org").code == 2
    assert ukebrev("subscriber", "add", "kari@example.org").code == 2
    assert ukebrev("subscriber", "allow", "kari@example.org", "--json").json == {"lifted": True}
    assert "nothing to allow" in ukebrev("subscriber", "allow", "kari@example.org").out


def test_retention_tells_what_it_does(ukebrev, kari):
    SubscriberFactory(status="pending")
    Subscriber.objects.update(status_changed_at=timezone.now() - timedelta(days=20))
    looked = ukebrev("subscriber", "retention", "--dry-run", "--json").json
    assert {row["rule"]: row["number"] for row in looked}["pending"] == 1
    assert Subscriber.objects.count() == 2
    assert "never confirmed" in ukebrev("subscriber", "retention").out
    assert Subscriber.objects.get() == kari


def test_a_list_is_searched_sorted_and_turned(ukebrev):
    for name in ("Åse", "Anne", "Berit"):
        SubscriberFactory(name=name)
    first = ukebrev("subscriber", "list", "--sort", "name", "--limit", "2", "--json").json
    assert ([p["name"] for p in first["subscribers"]], first["total"], first["is_exact"]) == (
        ["Anne", "Berit"],
        3,
        True,
    )
    then = ukebrev("subscriber", "list", "--sort", "name", "--after", str(first["next"]), "--json").json
    assert ([p["name"] for p in then["subscribers"]], then["next"]) == (["Åse"], 0)
    assert [p["name"] for p in ukebrev("subscriber", "list", "--search", "ber", "--json").json["subscribers"]] == [
        "Berit"
    ]


@pytest.mark.parametrize("words", [("show",), ("history",), ("export-data",), ("erase", "--yes")])
def test_somebody_who_is_not_there_is_a_sentence_and_exit_code_2(ukebrev, words):
    answer = ukebrev("subscriber", *words, "nobody@example.org")
    assert answer.code == 2
    assert "Nobody on the list" in answer.err
