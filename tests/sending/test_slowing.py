from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.sending.domains import group_of
from mailer.sending.slowing import LOWEST_RATE, Slowed, asks_to_slow_down, slowed_down
from mailer.sending.wire import Reply

NOW = 1_800_000_000_000
SECOND = 1000


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (421, "4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your IP address."),
        (421, "4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints"),
        (451, "4.7.500 Server busy. Please try again later from [192.0.2.1]."),
        (451, "4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation."),
        (421, "4.3.2 The maximum number of concurrent connections per source has exceeded a limit"),
        (421, "4.4.5 Server busy, try again later."),
        (450, "4.2.1 Peak SMTP relay limit exceeded for customer."),
        (452, "4.5.3 Error: too many recipients"),
        (421, "Too many connections from your host, slow down"),
    ],
)
def test_a_reply_that_means_slower_is_known(code, text):
    assert asks_to_slow_down(Reply("RCPT", code, text))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (450, "4.2.0 <a@b.no>: Recipient address rejected: Greylisted, see http://postgrey.example/help"),
        (450, "4.7.1 Greylisting in action, please come back later"),
        (450, "4.2.1 The user you are trying to contact is receiving mail too quickly."),
        (452, "4.2.2 The email account that you tried to reach is over quota."),
        (450, "mailbox unavailable"),
        (451, "4.4.2 Timeout - closing connection."),
        (454, "4.7.5 certificate verify failed"),
        (550, "5.7.1 too many messages, rate limited"),
        (250, "2.0.0 OK"),
    ],
)
def test_a_reply_about_one_reader_or_message_slows_nobody_down(code, text):
    assert not asks_to_slow_down(Reply("RCPT", code, text))


def test_a_domain_goes_down_by_half_and_comes_up_by_half_as_much_each_half_minute():
    slowed = slowed_down(None, observed=30.0, limit=40.0, now=NOW)
    assert (slowed.rate, slowed.ceiling) == (15.0, 40.0)
    rates = [slowed.rate_at(NOW + seconds * SECOND) for seconds in (0, 29, 30, 60, 90)]
    assert rates == [15.0, 15.0, 22.5, 33.75, None]


def test_refusals_of_what_was_already_on_the_wire_count_once():
    first = slowed_down(None, observed=30.0, limit=None, now=NOW)
    assert slowed_down(first, observed=30.0, limit=None, now=NOW + 4 * SECOND) == first
    assert slowed_down(first, observed=30.0, limit=None, now=NOW + 6 * SECOND).rate == first.rate / 2


def test_one_message_in_ten_seconds_is_the_least():
    slowed = slowed_down(None, observed=0.0, limit=1.0, now=NOW)
    for step in range(1, 20):
        slowed = slowed_down(slowed, observed=0.0, limit=1.0, now=NOW + step * 10 * SECOND)
    assert slowed.rate == LOWEST_RATE


@given(st.floats(0, 1e5), st.one_of(st.none(), st.floats(0.01, 1e5)), st.lists(st.integers(0, 120), max_size=20))
def test_whatever_happens_a_domain_gets_something_and_recovers(observed, limit, pauses):
    slowed, now = slowed_down(None, observed=observed, limit=limit, now=NOW), NOW
    for pause in pauses:
        now += pause * SECOND
        slowed = slowed_down(slowed, observed=observed, limit=limit, now=now)
        assert LOWEST_RATE <= slowed.rate <= max(observed, limit or 10, LOWEST_RATE)
    assert slowed.rate_at(now + 3600 * SECOND) is None


@given(st.floats(0.1, 1e5), st.floats(0.1, 1e5), st.integers(0, 2**42))
def test_what_is_written_down_is_read_again(rate, ceiling, since):
    slowed = Slowed.read(Slowed(rate, ceiling, since).text())
    assert slowed is not None
    assert [slowed.rate, slowed.ceiling] == pytest.approx([rate, ceiling], rel=1e-4)
    assert slowed.since == since


@pytest.mark.parametrize("text", ["", "1 2", "a b c", "1 2 3 4"])
def test_anything_else_is_nothing(text):
    assert Slowed.read(text) is None


def test_the_domains_of_one_provider_are_one_and_others_are_themselves():
    assert group_of("GoogleMail.com") == group_of("gmail.com") == "gmail.com"
    assert group_of("live.no") == group_of("hotmail.com") == "outlook.com"
    assert group_of("Kåfjord.no.") == "xn--kfjord-iua.no"
    assert group_of("-_.no") == "-_.no"
