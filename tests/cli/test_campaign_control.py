import io
import threading
import time

import pytest
from django.db import connections

from mailer.models import Batch, Campaign, Delivery
from mailer.sending.batches import work_batch
from mailer.sending.tallies import forget_tallies


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def typed(monkeypatch):
    """Let a person at a terminal type this."""

    def type_in(text):
        monkeypatch.setattr("sys.stdin", Terminal(text))

    return type_in


@pytest.fixture
def number(ukebrev, uke_45, smtp_sink):
    """The number of a campaign that is launched to three people."""
    for name in ("kari", "jonas", "ola"):
        ukebrev("subscriber", "add", f"{name}@example.org", "--basis", "test")
    return str(ukebrev("campaign", "send", uke_45, "--json").json["campaign"])


def one_line(text):
    return " ".join(text.split())


def status(ukebrev, number):
    return ukebrev("campaign", "status", number, "--json").json["status"]


def test_a_person_is_asked_before_a_campaign_is_ended_and_told_what_that_ends(ukebrev, number, typed):
    typed("n\n")
    declined = ukebrev("campaign", "cancel", number)
    assert declined.code == 2
    assert "0 of 3 have the letter, 3 have not and will not get it." in one_line(declined.err)
    assert "Nothing was changed." in declined.err
    assert status(ukebrev, number) == "sending"
    typed("y\n")
    agreed = ukebrev("campaign", "cancel", number)
    assert (agreed.code, status(ukebrev, number)) == (0, "cancelled")


def test_what_ends_with_a_campaign_adds_up_to_its_recipients(ukebrev, number, smtp_sink):
    smtp_sink.refuse("kari@example.org", "550 5.1.1 no such user")
    work_batch(Batch.objects.get().pk)
    Delivery.objects.filter(address="ola@example.org").update(status=Delivery.Status.PENDING)
    forget_tallies(int(number))
    Campaign.objects.update(status=Campaign.Status.SENDING)
    answer = ukebrev("campaign", "cancel", number)
    assert "1 of 3 have the letter, 1 have not and will not get it (1 were refused before)." in one_line(answer.err)
    answer = ukebrev("campaign", "cancel", number, "--yes")
    assert "1 of 3 sent, 1 failed, 1 skipped" in answer.out


def test_a_script_that_does_not_say_yes_ends_nothing(ukebrev, number):
    answer = ukebrev("campaign", "cancel", number, "--json")
    assert (answer.code, answer.out) == (2, "")
    assert "say `--yes` if that is meant. Nothing was changed." in one_line(answer.err)
    assert status(ukebrev, number) == "sending"
    assert ukebrev("campaign", "cancel", number, "--yes").code == 0
    assert ukebrev("campaign", "cancel", number).code == 0  # nothing is left to be asked about


@pytest.fixture
def under_way(number, smtp_sink):
    """Begin to send to three people of whom the relay keeps one waiting for so long; end it after the test."""
    work = []

    def begin(seconds):
        smtp_sink.dawdle("kari@example.org", seconds)

        def send():
            work_batch(Batch.objects.get().pk)
            connections.close_all()

        work.append(threading.Thread(target=send))
        work[0].start()
        end = time.monotonic() + 10
        while not Delivery.objects.filter(status="sent").exists():
            assert time.monotonic() < end, "Nothing is sent."
            time.sleep(0.05)

    yield begin
    for thread in work:
        thread.join()


@pytest.mark.parametrize("verb", [("pause",), ("cancel", "--yes")])
def test_what_is_on_the_wire_for_a_moment_is_waited_for(ukebrev, number, under_way, verb):
    under_way(1.5)
    answer = ukebrev("campaign", verb[0], number, *verb[1:])
    assert "3 of 3 sent" in answer.out
    assert "on the wire" not in answer.out


def test_what_is_on_the_wire_for_longer_is_told(ukebrev, number, under_way):
    under_way(5.0)
    answer = ukebrev("campaign", "pause", number)
    assert "2 of 3 sent" in answer.out
    assert "1 is on the wire just now, to be counted when the relay has answered." in answer.out


def test_of_a_cancelled_campaign_it_is_told_how_many_may_have_got_it_all_the_same(ukebrev, number, smtp_sink, settings):
    settings.UNCERTAIN = "hold"
    smtp_sink.hang_up("kari@example.org", at="end")
    work_batch(Batch.objects.get().pk)
    cancelled = ukebrev("campaign", "cancel", number, "--yes")
    told = "1 of the skipped may have got it: nobody could tell whether the relay had taken theirs."
    assert told in one_line(cancelled.out)
    assert told in one_line(ukebrev("campaign", "status", number).out)
    assert ukebrev("campaign", "status", number, "--json").json["may_have_got_it"] == 1
