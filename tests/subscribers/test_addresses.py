import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.addresses import AddressError, normalise, shorten


@pytest.mark.parametrize(
    ("typed", "wire"),
    [
        ("kari@example.org", "kari@example.org"),
        (" Kari@EXAMPLE.org\u00a0", "Kari@example.org"),
        ("kari@blåbær.no", "kari@xn--blbr-roah.no"),
        ("kari+uke@example.org", "kari+uke@example.org"),
        ("Kåre@Blåbær.no", "Kåre@xn--blbr-roah.no"),
        ("ka\u030are@example.org", "k\u00e5re@example.org"),
    ],
)
def test_an_address_has_one_spelling_on_the_wire(typed, wire):
    assert normalise(typed).wire == wire


def test_another_case_is_the_same_person():
    assert normalise("KARI@Example.ORG").key == normalise("kari@example.org").key
    assert normalise("KÅRE@example.org").key == normalise("ka\u030are@example.org").key


@pytest.mark.parametrize(
    "typed",
    ["", "kari", "a@b@example.org", "kari@", "@example.org", '"a b"@example.org', "x@[127.0.0.1]", "k a@example.org",
     "kari,ola@example.org", "a" * 320 + "@example.org", "kari@example.org\r\nBcc: ola@example.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_a_sentence(typed):
    with pytest.raises(AddressError, match=r".+\."):
        normalise(typed)


@given(
    st.text() | st.builds("{}@{}".format, st.text(min_size=1, max_size=20), st.sampled_from(["a.no", "ø.no", "Ⅷ.no"]))
)
def test_any_text_is_an_address_or_an_address_error(text):
    try:
        address = normalise(text)
    except AddressError:
        return
    assert address.wire.rpartition("@")[2].isascii()
    assert not any(letter.isspace() or not letter.isprintable() for letter in address.wire)
    assert normalise(address.wire) == address


def test_a_log_shows_no_whole_address():
    assert shorten("kari@example.com") == "k•••@e•••.com"
