"""The fast road accepts only what the slow one does, and with the same answer."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.addresses import AddressError, normalise
from subscribers.flags import flags_of
from subscribers.importing.fast_addresses import Addresses
from subscribers.suppression import address_hash

_LABEL = st.text("abzAZ019-_", min_size=1, max_size=70)
_LIKE_ADDRESSES = st.builds(
    "{}@{}.{}".format,
    st.text("abzAZ09._+-!'\"", min_size=1, max_size=70),
    st.lists(_LABEL, min_size=1, max_size=5).map(".".join),
    st.sampled_from(
        ["no", "com", "test", "local", "INVALID", "onion", "arpa", "c", "123", "n-o", "xn--90a", "museum", "no."]
    ),
)


@given(st.one_of(_LIKE_ADDRESSES, st.emails(), st.text(max_size=40)))
@example("Info@Example.NO")
@example("a@xn--kirkens-u1a.no")
@example("a@" + "b" * 63 + ".no")
@example("a@" + "b" * 64 + ".no")
@example("a@ab--cd.no")
@example("a@\u212aelvin.no")
@example("x" * 250 + "@a.no")
def test_a_plain_address_is_what_the_slow_road_makes_of_it(text):
    plain = Addresses().plain(text)
    if plain is not None:
        assert plain == normalise(text)


def test_the_addresses_of_every_day_take_the_fast_road():
    for text in ("kari@example.no", "Kari.Nordmann+nyhet@Sub.Example.co.uk", "post@sor-varanger.kommune.no"):
        assert Addresses().plain(text) == normalise(text)


@given(_LIKE_ADDRESSES)
def test_reading_gives_what_normalising_gives_or_refuses_as_it_does(text):
    try:
        expected = normalise(text)
    except AddressError:
        expected = None
    try:
        read, _ = Addresses().read(text)
    except AddressError:
        read = None
    assert read == expected


def test_what_mail_programs_copy_is_read():
    assert Addresses().read('"Nordmann, Kari" <Kari@Example.no>') == (normalise("Kari@example.no"), "Nordmann, Kari")
    assert Addresses().read("mailto:kari@example.no")[0] == normalise("kari@example.no")
    assert Addresses().read(" kari@bjørnevatn.no\u00a0")[0] == normalise("kari@bjørnevatn.no")


@given(_LIKE_ADDRESSES)
def test_flags_are_those_that_signing_up_gives(text):
    plain = Addresses().plain(text)
    if plain is not None:
        assert Addresses().flags(plain) == flags_of(plain.key)


@given(st.text(st.characters(codec="utf-8"), max_size=80), st.text("abc", max_size=150))
def test_the_hash_by_the_million_is_the_hash_of_one(key, secret):
    from django.test import override_settings

    from subscribers.importing.checking import keyed_hash

    with override_settings(SUPPRESSION_KEY=secret):
        assert keyed_hash()(key) == address_hash(key).hex()
