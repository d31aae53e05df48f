import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import reasons
from subscribers.addresses import AddressError, normalise
from subscribers.models import ImportRow, Subscriber, Suppression

TABLE = tomllib.loads(Path(reasons.__file__).with_name("reasons.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", TABLE)
def test_every_code_is_a_sentence_in_both_languages_with_the_same_places(code):
    told = [TABLE[code][language] for language in reasons.LANGUAGES]
    assert all(text == text.strip() for text in told)
    nb, en = (set(re.findall(r"\{\d\}", text)) for text in told)
    assert nb == en
    assert len(nb) <= 4


def test_whatever_the_database_makes_a_code_of_has_words():
    left = ("unsubscribed", "bounced", "complained")
    made = {f"{begin}-{status}" for begin in ("recorded", "elsewhere", "own-doing") for status in left}
    made |= {f"is-{status}" for status in Subscriber.Status.values if status != "active"}
    made |= {f"suppressed-{reason}" for reason in Suppression.Reason.values}
    made |= {f"outcome-{outcome}" for outcome in ImportRow.Outcome.values}
    assert made <= set(TABLE)


@given(
    st.lists(st.text(), max_size=4),
    st.sampled_from(list(TABLE)),
    st.sampled_from(reasons.LANGUAGES),
    st.integers(0, 60),
)
def test_what_is_kept_can_always_be_told_however_it_was_cut(values, code, language, cut):
    stored = reasons.joined([reasons.kept(code, *values), reasons.kept("duplicate", 2)])
    assert reasons.codes(stored) == [code, "duplicate"]
    for text in (reasons.words(stored, language), reasons.words(stored[:cut], language)):
        assert "\x1f" not in text
        assert "\x1e" not in text


def test_values_stand_where_they_belong_and_are_never_a_template():
    stored = reasons.kept("field-choice", "town", "{2} {x!r}", "Vadsø,\nVardø")
    assert reasons.words(stored, "nb") == "«{2} {x!r}» er ikke et valg i feltet «town». Disse finnes: Vadsø, Vardø."


def test_a_sentence_of_before_there_were_codes_stays_as_it_is():
    assert reasons.words("Kari@ is no address, {0}.", "nb") == "Kari@ is no address, {0}."


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "nothing"), ("kari", "no-at"), ("a@b@c.no", "two-at"), ("@a.no", "before"), ("kari@", "after"), ("k@a", "period"),
        ("k a@a.no", "space"), ("k,o@a.no", "comma"), ('"k a"@a.no', "quoted"), ("k@[127.0.0.1]", "number"), ("k..o@a.no", "periods"),
        ("k@a.no.", "periods"), ("k" * 250 + "@a.no", "long"), ("k@a.invalid", "domain"), ("k@-a.no", "domain"), ("k(o)@a.no", "letters"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_address_is_told_in_both_languages(typed, code):
    with pytest.raises(AddressError) as raised:
        normalise(typed)
    assert reasons.codes(raised.value.kept) == [f"address-{code}"]
    assert "adresse" in reasons.words(raised.value.kept, "nb")
    assert str(raised.value).endswith(".")
