from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.flags import flags_of
from subscribers.typos import suggest


@pytest.mark.parametrize(
    ("key", "flags"),
    [
        ("kari@example.no", []),
        ("firmapost@example.no", ["role"]),
        ("info+uke@example.no", ["role"]),
        ("kari@mailinator.com", ["disposable"]),
        ("post@x.mailinator.com", ["role", "disposable"]),
    ],
)
def test_what_is_odd_about_an_address_is_told(key, flags):
    assert flags_of(key) == flags


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Ola@gmial.com", "Ola@gmail.com"),
        ("ola@gmail.con", "ola@gmail.com"),
        ("ola@hotmai.no", "ola@hotmail.no"),
        ("ola@onlin.no", "ola@online.no"),
        ("ola@firma.cmo", "ola@firma.com"),
        ("ola@mail.com", None),
        ("ola@live.no", None),
        ("ola@example.no", None),
        ("no address", None),
    ],
)
def test_a_slip_of_the_finger_is_told(typed, meant):
    assert suggest(typed) == meant


@given(st.text(max_size=60))
def test_a_suggestion_is_never_what_was_typed(text):
    assert suggest(text) != text.strip()
