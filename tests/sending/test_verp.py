import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.sending.smtp import Envelope
from mailer.sending.verp import BounceAddressError, bounce_address, read_bounce_address

IDS = st.integers(min_value=0, max_value=2**63 - 1)
BASE = "bounces@example.org"


@given(IDS)
def test_a_bounce_tells_its_delivery_whatever_servers_do_to_the_case(delivery_id):
    address = bounce_address(BASE, delivery_id)
    assert len(address.rpartition("@")[0]) <= 64
    assert Envelope(address, "kari@example.org").sender == address
    assert read_bounce_address(address) == read_bounce_address(address.upper()) == delivery_id


@pytest.mark.parametrize("wrapping", ["<{}>", "prvs=1234abcdef={}", "SRS0=HHH=TT=example.net=x {}", " {}\r\n"])
def test_what_others_wrap_around_it_does_no_harm(wrapping):
    assert read_bounce_address(wrapping.format(bounce_address(BASE, 42))) == 42


@given(IDS, IDS.filter(bool))
def test_another_delivery_can_not_be_named(delivery_id, more):
    forged = bounce_address(BASE, delivery_id).replace(f"+{delivery_id}.", f"+{(delivery_id + more) % 2**63}.")
    if forged != bounce_address(BASE, delivery_id):
        with pytest.raises(BounceAddressError, match="no address"):
            read_bounce_address(forged)


@given(st.text() | st.from_regex(r"\+[0-9]{1,25}\.[a-z2-7]{16}@", fullmatch=True))
def test_other_text_names_no_delivery(text):
    with pytest.raises(BounceAddressError):
        read_bounce_address(text)


def test_an_older_key_still_counts(settings):
    address = bounce_address(BASE, 7)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert read_bounce_address(address) == 7
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(BounceAddressError):
        read_bounce_address(address)


@pytest.mark.parametrize("base", ["b" * 46 + "@example.org", "no-address", '"a b"@example.org'])
def test_a_base_without_room_is_told_in_a_sentence(base):
    with pytest.raises(BounceAddressError, match=r"Bounces can't come to .+\."):
        bounce_address(base, 10)
