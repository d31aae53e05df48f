import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.tokens import Holder, TokenError, make_expiring_token, make_token, read_expiring_token, read_token


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**32 - 1))
def test_it_says_whom_and_what_it_speaks_for(subscriber_id, number):
    token = make_expiring_token("confirm", subscriber_id, number, seconds=60)
    assert read_expiring_token("confirm", token) == (subscriber_id, number)


def test_it_stops_working_when_its_time_is_over(monkeypatch):
    token = make_expiring_token("confirm", 1, 2, seconds=60)
    later = time.time() + 61
    monkeypatch.setattr("time.time", lambda: later)
    with pytest.raises(TokenError, match="too old"):
        read_expiring_token("confirm", token)


def test_one_for_one_purpose_is_worth_nothing_for_another():
    token = make_expiring_token("confirm", 1, 2, seconds=60)
    with pytest.raises(TokenError):
        read_expiring_token("address", token)
    with pytest.raises(TokenError):
        read_token("confirm", token)
    with pytest.raises(TokenError):
        read_expiring_token("confirm", make_token("confirm", Holder(1, 2)))


@given(st.data())
def test_no_changed_letter_and_no_cut_goes_through(data):
    token = make_expiring_token("confirm", 7, 8, seconds=60)
    place = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from("ABCabc012-_").filter(lambda letter: letter != token[place]))
    for damaged in (token[:place] + other + token[place + 1 :], token[:place]):
        with pytest.raises(TokenError):
            read_expiring_token("confirm", damaged)
