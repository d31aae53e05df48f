import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.rendering.slots import (
    SLOT,
    SlotError,
    clean,
    fill,
    names_in,
    restore_html,
    restore_text,
    typed,
    typed_line,
)

AT_SIGNS = st.text(alphabet="@AT_WEB URL", max_size=30)


def test_a_value_is_escaped_for_html_only():
    values = {"WEB_URL": 'https://example.org/?a=1&b="2"'}
    assert fill('<a href="@@WEB_URL@@">', values, escape=True) == (
        '<a href="https://example.org/?a=1&amp;b=&quot;2&quot;">'
    )
    assert fill("@@WEB_URL@@", values, escape=False) == values["WEB_URL"]


def test_a_value_that_looks_like_a_slot_stays_as_it_is():
    assert fill("@@RECIPIENT_NAME@@", {"RECIPIENT_NAME": "@@WEB_URL@@"}, escape=False) == "@@WEB_URL@@"


def test_a_missing_value_is_an_error():
    with pytest.raises(SlotError, match="The slot @@WEB_URL@@ has no value"):
        fill("@@WEB_URL@@", {}, escape=False)


def test_a_slot_that_nobody_knows_is_an_error():
    with pytest.raises(SlotError, match="@@PASSWORD@@"):
        names_in("@@WEB_URL@@ @@PASSWORD@@")


@given(AT_SIGNS, AT_SIGNS)
def test_what_was_typed_forms_no_slot_even_beside_a_real_one(before: str, after: str):
    text = restore_text(f"{typed(before)}@@WEB_URL@@{typed(after)}")
    assert fill(text, {"WEB_URL": "!"}, escape=False) == f"{before}!{after}"
    html = restore_html(f"{typed(before)}@@WEB_URL@@{typed(after)}")
    assert SLOT.findall(html) == ["WEB_URL"]


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str):
    assert clean(clean(text)) == clean(text)
    assert "\n" not in typed_line(text)
