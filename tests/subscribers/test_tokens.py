import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.tokens import Holder, TokenError, make_token, read_token, tokens_of_a_letter

HOLDER = Holder(subscriber_id=7, campaign_id=3)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_a_token_says_again_whom_it_was_made_for(subscriber_id, campaign_id):
    holder = Holder(subscriber_id, campaign_id)
    assert read_token("unsubscribe", make_token("unsubscribe", holder)) == holder


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_the_two_tokens_of_a_letter_are_those_of_their_purposes(subscriber_id, campaign_id):
    holder = Holder(subscriber_id, campaign_id)
    made = tokens_of_a_letter(campaign_id)(subscriber_id)
    assert made == (make_token("unsubscribe", holder), make_token("preferences", holder))


def test_neither_token_of_a_letter_opens_what_the_other_does():
    leaving, choosing = tokens_of_a_letter(3)(7)
    for purpose, token in (("preferences", leaving), ("unsubscribe", choosing)):
        with pytest.raises(TokenError):
            read_token(purpose, token)


def test_a_token_for_one_purpose_is_worth_nothing_for_another():
    with pytest.raises(TokenError):
        read_token("unsubscribe", make_token("web", HOLDER))


@given(st.text(max_size=60))
def test_what_someone_made_up_is_no_token(text):
    with pytest.raises(TokenError):
        read_token("unsubscribe", text)


def test_a_token_cut_short_or_changed_is_refused():
    token = make_token("unsubscribe", HOLDER)
    changed = ("B" if token[0] == "A" else "A") + token[1:]
    for broken in (token[:-1], token[:10], changed, token + "A"):
        with pytest.raises(TokenError):
            read_token("unsubscribe", broken)


def test_a_token_made_with_an_older_key_still_counts(settings):
    token = make_token("unsubscribe", HOLDER)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new one"
    assert read_token("unsubscribe", token) == HOLDER
