"""A relay that refuses everybody burns nobody; one that refuses somebody is believed."""

from datetime import UTC, datetime

import pytest

from mailer.sending.doubt import Doubt
from mailer.sending.message import Recipient
from mailer.sending.outcomes import judge
from mailer.sending.recording import Result
from mailer.sending.taking import Taken
from mailer.sending.wire import Reply

NOW = datetime(2021, 11, 12, 14, 0, tzinfo=UTC)
DOMAINS = ("example.org", "example.com", "example.net")
DENIED = Reply("RCPT", 554, "5.7.1 <reader@example.org>: Relay access denied")


def weighed(doubt, number, reply, domain=None):
    item = Taken(number, Recipient(number, number, f"r{number}@{domain or DOMAINS[number % 3]}", ""), 1, 1, NOW)
    outcome = judge(reply, attempts=1, first_attempt_at=NOW, now=NOW)
    return [result.delivery_id for result in doubt.weigh(item, Result(number, 1, outcome, "relay"))]


@pytest.mark.parametrize(
    "reply",
    [
        Reply("MAIL", 550, "5.7.60 SMTP; Client does not have permissions to send as this sender"),
        Reply("MAIL", 530, "5.7.0 Must issue a STARTTLS command first"),
        Reply("RCPT", 530, "5.7.0 Authentication required"),
        Reply("MAIL", 552, "5.3.4 the message has 90000 octets, and the relay takes 80000 at most (SIZE)"),
    ],
)
def test_a_refusal_of_us_is_blamed_on_no_reader(reply):
    doubt = Doubt()
    assert weighed(doubt, 1, reply) == []
    assert reply.text in doubt.blame()
    assert [item.delivery_id for item in doubt.take_back()] == [1]
    assert doubt.settle() == []


def test_a_row_of_refusals_in_the_same_words_is_blamed_on_no_reader():
    doubt = Doubt()
    for number in range(19):
        assert weighed(doubt, number, DENIED._replace(text=DENIED.text.replace("reader", f"r{number}"))) == []
        assert doubt.blame() == ""
    weighed(doubt, 19, DENIED)
    assert "refused 20 readers in a row" in doubt.blame()
    assert len(doubt.take_back()) == 20


def test_a_reader_whom_the_relay_refuses_between_others_is_believed_to_be_refused():
    doubt = Doubt()
    assert weighed(doubt, 1, DENIED) == []
    assert weighed(doubt, 2, Reply("DATA", 250, "2.0.0 queued as 1")) == [1, 2]
    assert doubt.blame() == ""


@pytest.mark.parametrize("code", ["5.1.1", "5.1.2", "5.1.10", "5.2.1", "5.2.2"])
def test_what_is_said_of_an_address_or_a_mailbox_is_believed_at_once(code):
    doubt = Doubt()
    for number in range(50):
        assert weighed(doubt, number, Reply("RCPT", 550, f"{code} No such user")) == [number]
    assert doubt.blame() == ""


def test_a_domain_that_is_gone_holds_nobody_up():
    doubt = Doubt()
    for number in range(50):
        weighed(doubt, number, Reply("RCPT", 550, "Unrouteable address"), domain="gone.example")
    assert doubt.blame() == ""
    assert len(doubt.settle()) == 50


def test_different_words_are_about_different_readers():
    doubt = Doubt()
    told = []
    for number in range(40):
        told += weighed(doubt, number, Reply("RCPT", 550, f"no {'x' * number}"))
    assert told == list(range(39))
    assert doubt.blame() == ""


@pytest.mark.parametrize("words", ["5.7.1 Relaying denied", "Relay access denied", "Message blocked as spam"])
def test_words_about_a_policy_need_no_second_place(words):
    doubt = Doubt()
    for number in range(20):
        assert weighed(doubt, number, Reply("RCPT", 550, words), domain="only.example") == []
    assert "refused 20 readers in a row" in doubt.blame()


def test_a_whole_small_batch_that_is_refused_for_a_policy_is_blamed_on_nobody_in_it():
    doubt = Doubt()
    for number in range(5):
        weighed(doubt, number, DENIED, domain="only.example")
    assert doubt.blame() == ""
    assert "refused 5 readers in a row" in doubt.blame_at_end()


def test_one_who_was_accepted_shows_that_the_others_of_a_small_batch_were_refused_themselves():
    doubt = Doubt()
    weighed(doubt, 9, Reply("DATA", 250, "2.0.0 queued as 1"))
    for number in range(5):
        weighed(doubt, number, DENIED, domain="only.example")
    assert doubt.blame_at_end() == ""
