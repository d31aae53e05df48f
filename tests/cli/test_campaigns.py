import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from mailer.cli import campaign_watch
from mailer.models import Batch, Campaign
from mailer.sending.batches import work_batch
from mailer.sending.canary import watch_canaries


@pytest.fixture
def people(ukebrev):
    for name, interest in [("kari", "students"), ("jonas", "entrepreneurs"), ("ola", "")]:
        ukebrev("subscriber", "add", f"{name}@example.org", "--interest", interest, "--basis", "test")


def test_a_dry_run_shows_the_sum_and_sends_nothing(ukebrev, uke_45, people, smtp_sink):
    answer = ukebrev("campaign", "send", uke_45, "--audience", "students,businesses", "--dry-run", "--json")
    assert answer.code == 0
    assert answer.json["recipients"] == 2  # the student, and who follows nothing and so gets everything
    told = ukebrev("campaign", "send", uke_45, "--audience", "students", "--only-followers", "--dry-run")
    assert "1 get it" in told.out
    assert ukebrev("campaign", "list", "--json").json == []
    assert smtp_sink.messages == []


def test_a_campaign_goes_from_the_command_line_to_the_inboxes(
    ukebrev, uke_45, people, smtp_sink, celery_worker_process
):
    sent = ukebrev("campaign", "send", uke_45, "--json")
    assert sent.code == 0
    status = ukebrev("campaign", "status", str(sent.json["campaign"]), "--watch", "--json")
    assert status.code == 0
    assert (status.json["status"], status.json["sent"], status.json["recipients"]) == ("sent", 3, 3)
    (letter,) = smtp_sink.messages_to("kari@example.org")
    text = letter.parsed().get_body(("plain",)).get_content()
    assert "Studentbyen Kirkenes" in text
    assert "ICE Workation" not in text


def test_a_second_press_of_send_launches_nothing_unless_it_is_wanted_again(ukebrev, uke_45, people):
    assert ukebrev("campaign", "send", uke_45).code == 0
    second = ukebrev("campaign", "send", uke_45)
    assert second.code == 2
    assert "goes to the same people already" in second.err
    assert len(ukebrev("campaign", "list", "--json").json) == 1
    assert ukebrev("campaign", "send", uke_45, "--again").code == 0


def test_a_list_that_is_cut_says_so_and_so_does_one_without_that_person(ukebrev, uke_45, people, smtp_sink):
    number = str(ukebrev("campaign", "send", uke_45, "--json").json["campaign"])
    for batch in Batch.objects.all():
        work_batch(batch.pk)
    assert "more than these 2" in ukebrev("campaign", "deliveries", number, "--limit", "2").out
    assert "more than" not in ukebrev("campaign", "deliveries", number, "--limit", "3").out
    assert (
        "nobody@example.org has no delivery"
        in ukebrev("campaign", "deliveries", number, "--address", "nobody@example.org").out
    )


def test_status_has_exit_code_1_when_a_mail_failed(ukebrev, uke_45, people, smtp_sink, celery_worker_process):
    smtp_sink.refuse("kari@example.org", "550 5.1.1 no such user")
    sent = ukebrev("campaign", "send", uke_45, "--audience", "students", "--json")
    status = ukebrev("campaign", "status", str(sent.json["campaign"]), "--watch")
    assert status.code == 1
    assert "no such user" in status.out


def test_an_audience_with_nobody_in_it_is_refused(ukebrev, uke_45):
    answer = ukebrev("campaign", "send", uke_45, "--language", "en")
    assert answer.code == 2
    assert "Nobody gets this letter" in answer.err


def test_an_unknown_interest_is_refused_with_those_there_are(ukebrev, uke_45):
    answer = ukebrev("campaign", "send", uke_45, "--audience", "students,reindeer")
    assert answer.code == 2
    assert "no interest 'reindeer'" in answer.err
    assert "entrepreneurs" in answer.err


def test_a_from_address_with_a_newline_is_refused(ukebrev, uke_45, people):
    answer = ukebrev("campaign", "send", uke_45, "--from", "Kari <kari@example.org>\nBcc: ola@example.org")
    assert answer.code == 2
    assert "line break" in answer.err


def test_a_from_setting_with_a_newline_is_refused(ukebrev, uke_45):
    answer = ukebrev("campaign", "send", uke_45, MAIL_FROM="Kari <kari@example.org>\nBcc: ola@example.org")
    assert answer.code == 2
    assert "MAIL_FROM" in answer.err
    assert "Traceback" not in answer.err


def test_a_relay_that_is_down_is_told_before_anything_is_made(ukebrev, uke_45, people):
    before = ukebrev("campaign", "list", "--json").json
    answer = ukebrev("campaign", "send", uke_45, SMTP_URL="smtp://127.0.0.1:1?timeout=2")
    assert answer.code == 1
    assert "127.0.0.1:1 can't be used" in answer.err
    assert ukebrev("campaign", "list", "--json").json == before


def test_a_database_that_is_down_is_told_in_a_sentence(ukebrev):
    answer = ukebrev(
        "campaign",
        "list",
        DATABASE_URL="postgres://ukebrev:secret@127.0.0.1:1/ukebrev",
        SECRET_KEY="x" * 50,
        SUPPRESSION_KEY="y" * 50,
        MAIL_FROM="a@example.org",
    )
    assert answer.code == 1
    assert "127.0.0.1" in answer.err
    assert "secret" not in answer.err
    assert "Traceback" not in answer.err


def test_a_campaign_is_paused_resumed_and_cancelled_and_anyone_can_ask_who_got_it(ukebrev, uke_45, people, smtp_sink):
    number = str(ukebrev("campaign", "send", uke_45, "--json").json["campaign"])
    assert ukebrev("campaign", "pause", number, "--json").json["status"] == "paused"
    assert ukebrev("campaign", "resume", number, "--json").json["status"] == "sending"
    assert "3 skipped" in ukebrev("campaign", "cancel", number, "--yes").out
    (kari,) = ukebrev("campaign", "deliveries", number, "--address", "KARI@example.org", "--json").json
    assert (kari["status"], kari["why"]) == ("skipped", "cancelled")
    assert len(ukebrev("campaign", "deliveries", number, "--status", "skipped", "--json").json) == 3
    again = ukebrev("campaign", "resume", number)
    assert (again.code, "is cancelled" in again.err) == (2, True)
    assert ukebrev("campaign", "deliveries", number, "--status", "lost").code == 2
    assert smtp_sink.messages == []


def test_an_audience_that_is_given_and_empty_is_a_mistake_and_not_the_whole_list(ukebrev, uke_45, people):
    for empty in ("", ",,"):
        answer = ukebrev("campaign", "send", uke_45, "--audience", empty, "--dry-run")
        assert answer.code == 2
        assert "Leave the option out" in answer.err


def test_sending_again_tells_how_many_got_it_before(ukebrev, uke_45, people):
    number = ukebrev("campaign", "send", uke_45, "--audience", "students", "--json").json["campaign"]
    answer = ukebrev("campaign", "send", uke_45, "--dry-run")
    assert f"2 of them got this issue before, or are about to, in campaign {number}." in answer.out


def test_without_the_local_inbox_the_answer_says_what_to_start(ukebrev, uke_45, people, settings):
    settings.EMBEDDED = {"postgres", "redis", "inbox"}
    settings.SMTP_URL = "smtp://127.0.0.1:1?timeout=2"
    answer = ukebrev("campaign", "send", uke_45)
    assert answer.code == 1
    assert "Start `make run`" in answer.err


def test_it_goes_to_an_audience_under_a_name_as_that_is_now(ukebrev, uke_45, people):
    ukebrev("audience", "count", "--interest", "students", "--only-followers", "--save", "Studenter, nord")
    for name in ("Studenter, nord", "studenter-nord"):
        answer = ukebrev("campaign", "send", uke_45, "--audience", name, "--dry-run", "--json")
        assert (answer.code, answer.json["recipients"]) == (0, 1)
    sent = ukebrev("campaign", "send", uke_45, "--audience", "studenter-nord", "--json")
    assert sent.json["recipients"] == 1


def test_an_audience_under_a_name_stands_alone_and_is_never_mistaken_for_an_interest(ukebrev, uke_45, people):
    ukebrev("audience", "count", "--language", "nb", "--save", "Norske")
    both = ukebrev("campaign", "send", uke_45, "--audience", "norske", "--language", "en", "--dry-run")
    assert both.code == 2
    assert "Leave out --match" in both.err.replace("│\n│ ", "")
    nothing = ukebrev("campaign", "send", uke_45, "--audience", "finske", "--dry-run")
    assert nothing.code == 2
    assert "no interest 'finske', and no audience of that name" in nothing.err
    assert "Audiences: norske." in nothing.err
    ukebrev("audience", "count", "--language", "nb", "--save", "students")
    unclear = ukebrev("campaign", "send", uke_45, "--audience", "students", "--dry-run")
    assert (unclear.code, "both an interest and an audience" in unclear.err) == (2, True)


def test_first_to_somebody_outside_the_audience_is_refused_with_the_address(ukebrev, uke_45, people, smtp_sink):
    to = ("--audience", "students", "--only-followers", "--first-to", "jonas@example.org")
    for more in (("--dry-run",), ("--json",)):
        answer = ukebrev("campaign", "send", uke_45, *to, *more)
        assert answer.code == 2
        assert "can't get it first: jonas@example.org is on the list, but not in this audience." in answer.err
        assert answer.err.rstrip().endswith("Nothing was launched.")
    assert ukebrev("campaign", "list", "--json").json == []
    assert smtp_sink.messages == []


def test_status_tells_for_which_limit_a_campaign_waits_and_until_when(ukebrev, uke_45, people, smtp_sink, settings):
    settings.SMTP_URL += "?name=little&per_hour=1"
    number = ukebrev("campaign", "send", uke_45, "--json").json["campaign"]
    for batch in Batch.objects.filter(campaign_id=number):
        work_batch(batch.pk)
    answer = ukebrev("campaign", "status", str(number))
    assert "Waiting: little took the 1 that it may have in an hour. To go: 2, the next at " in " ".join(
        answer.out.split()
    )
    as_json = ukebrev("campaign", "status", str(number), "--json").json
    assert (as_json["held_because"], as_json["waits_until"] is None) == ("", False)


def prose(answer):
    return " ".join(answer.out.split())


def test_who_goes_first_and_how_long_the_rest_waits_is_told_before_at_and_after_the_launch(
    ukebrev, uke_45, people, smtp_sink
):
    to = (uke_45, "--first-to", "kari@example.org", "--wait", "20")
    limit = "If more than 5 in a hundred of the first are refused, it stops"
    waits = "waits until each of these has been tried, and 20 minutes more, and then follows by itself."
    dry = ukebrev("campaign", "send", *to, "--dry-run")
    assert f"First: kari@example.org. The rest {waits} {limit}" in prose(dry)
    assert ukebrev("campaign", "send", *to, "--dry-run", "--json").json["canary"]["minutes"] == 20
    assert f"First: 1. The rest, 2, {waits} {limit}" in prose(ukebrev("campaign", "send", *to))
    assert f"First: 1. The rest, 2, {waits} {limit}" in prose(ukebrev("campaign", "status"))
    work_batch(Batch.objects.get(is_canary=True).pk)
    watch_canaries()
    status = ukebrev("campaign", "status")
    assert "Waiting: The first 1 had theirs. The rest, 2, follows by itself at " in prose(status)
    assert limit in prose(status)
    assert "held" not in status.out
    assert max(len(line) for line in status.out.splitlines()) <= 80
    told = ukebrev("campaign", "status", "--json").json
    assert (told["canary"]["first"], told["canary"]["rest"]) == (1, 2)
    assert told["canary"]["rest_follows_at"] == told["waits_until"]


def test_status_tells_what_holds_a_campaign_and_that_it_goes_on_by_itself(ukebrev, uke_45, people, smtp_sink):
    number = ukebrev("campaign", "send", uke_45, "--json").json["campaign"]
    Batch.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    Campaign.objects.update(held_because="The relay does not answer.")
    status = ukebrev("campaign", "status", str(number))
    assert "Held: The relay does not answer. It goes on by itself: the next try is " in prose(status)
    assert max(len(line) for line in status.out.splitlines()) <= 80


def test_a_campaign_that_reached_nobody_says_so_and_why(ukebrev, uke_45, people, smtp_sink):
    ukebrev("campaign", "send", uke_45)
    ukebrev("subscriber", "unsubscribe", "ola@example.org")
    for name in ("kari", "jonas"):
        smtp_sink.refuse(f"{name}@example.org", "550 5.1.1 no such user")
    work_batch(Batch.objects.get().pk)
    status = ukebrev("campaign", "status")
    assert "Nobody got this letter: 2 failed: 5.1.1 no such user; 1 skipped: unsubscribed." in prose(status)
    assert ukebrev("campaign", "status", "--json").json["nobody_got_it"].startswith("Nobody got this letter")


@pytest.mark.parametrize(
    ("first", "sentence"),
    [
        ("nobody@example.org", "can't get it first: nobody@example.org is not on the list."),
        ("jonas@example.org", "can't get it first: jonas@example.org is on the list, but not in this audience."),
        ("ola@example.org", "can't get it first: ola@example.org is left out: unsubscribed."),
        (
            "kari@example.org\njonas@example.org",
            "There is a line break in what --first-to names: 'kari@example.org jonas",
        ),
        (",,", "--first-to names nobody."),
        ("", "--first-to names nobody."),
    ],
)
def test_each_reason_why_somebody_can_not_go_first_is_told_apart(ukebrev, uke_45, people, first, sentence):
    ukebrev("subscriber", "unsubscribe", "ola@example.org")
    answer = ukebrev("campaign", "send", uke_45, "--audience", "students", "--first-to", first)
    assert answer.code == 2
    assert sentence in answer.err
    assert answer.err.rstrip().endswith("Nothing was launched.")
    assert len(answer.err.splitlines()) == 1


def test_a_wait_for_nobody_is_refused(ukebrev, uke_45, people):
    answer = ukebrev("campaign", "send", uke_45, "--wait", "30", "--dry-run")
    assert answer.code == 2
    assert "--wait tells how long the rest waits for the first" in answer.err


def test_whoever_asks_for_one_person_and_names_none_is_not_told_of_all(ukebrev, uke_45, people):
    ukebrev("campaign", "send", uke_45)
    answer = ukebrev("campaign", "deliveries", str(Campaign.objects.get().pk), "--address", "")
    assert (answer.code, answer.out) == (2, "")
    assert "There is no e-mail address: nothing was written." in answer.err


def test_an_issue_that_was_sent_often_is_told_in_one_line(ukebrev, uke_45, people):
    one, two = (ukebrev("campaign", "send", uke_45, "--again", "--json").json["campaign"] for _ in range(2))
    answer = ukebrev("campaign", "send", uke_45, "--again", "--dry-run")
    assert (
        f"Some of them got this issue before, or are about to: 3 in campaign {two}, 3 in campaign {one}."
        in " ".join(answer.out.split())
    )


def test_whatever_refuses_a_launch_ends_with_that_nothing_was_launched(ukebrev, uke_45, people):
    ukebrev("campaign", "send", uke_45)
    for words in ((uke_45,), (uke_45, "--audience", "reindeer"), (uke_45, "--language", "en"), ("uke-99",)):
        answer = ukebrev("campaign", "send", *words)
        assert (answer.code, answer.err.rstrip().endswith(" Nothing was launched.")) == (2, True)


def test_status_says_when_something_is_to_be_done_and_no_worker_answers(ukebrev, uke_45, people):
    ukebrev("campaign", "send", uke_45)
    status = ukebrev("campaign", "status")
    assert "No worker answers, so that nothing goes: `make run` starts one" in prose(status)
    assert ukebrev("campaign", "status", "--json").json["no_worker"] is True
    ukebrev("campaign", "pause", str(Campaign.objects.get().pk))
    assert "No worker" not in ukebrev("campaign", "status").out


def test_status_is_quick_where_the_queue_is_gone(ukebrev, uke_45, people):
    ukebrev("campaign", "send", uke_45)
    began = time.monotonic()
    status = ukebrev("campaign", "status", REDIS_URL="redis://127.0.0.1:1/0")
    assert "No worker answers" in prose(status)
    assert time.monotonic() - began < 8  # a process of its own takes some seconds to begin


def test_nobody_asks_for_workers_of_what_moves_and_seldom_of_what_does_not(monkeypatch):
    asked = []

    def nobody_works(campaign):
        asked.append(campaign)
        return True

    monkeypatch.setattr(campaign_watch, "nobody_works", nobody_works)
    alone = campaign_watch._LeftAlone()
    answers = [alone.is_so(None, SimpleNamespace(totals=SimpleNamespace(done=done))) for done in (0, 0, 0, 0, 1, 1)]
    assert answers == [False, True, True, True, False, False]
    assert len(asked) == 1
