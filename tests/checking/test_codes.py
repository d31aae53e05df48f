"""Every code there is: found where it should be, not found where it should not, said in both languages, written down."""

import re

import pytest

from mailer.checking.findings import LANGUAGES, LEVELS, say
from mailer.checking.findings import codes as table
from mailer.checking.preflight import CHECKS, sightings
from tests.checking.examples import EXAMPLES
from tests.checking.material import codes

_SAID = ("what", "why", "remedy")


def test_each_code_has_a_positive_and_a_negative_example():
    assert list(EXAMPLES) == list(table())


@pytest.mark.parametrize("code", EXAMPLES)
def test_is_found_where_it_is(code):
    assert code in codes(EXAMPLES[code][0])


@pytest.mark.parametrize("code", EXAMPLES)
def test_is_not_found_where_it_is_not(code):
    assert code not in codes(EXAMPLES[code][1])


@pytest.mark.parametrize("code", EXAMPLES)
def test_is_said_in_whole_sentences_in_both_languages(code):
    assert table()[code]["level"] in LEVELS
    found = next(sighting for sighting in sightings(EXAMPLES[code][0]) if sighting.code == code)
    for language in LANGUAGES:
        finding = say(found, language)
        for text in (finding.what, finding.why, finding.remedy):
            assert text
            assert "$" not in text, "a name that the check fills with nothing"
        assert finding.remedy.endswith(".")


@pytest.mark.parametrize("code", EXAMPLES)
def test_words_keep_to_the_house_style(code):
    texts = {language: [table()[code][language][part] for part in _SAID] for language in LANGUAGES}
    for text in [*texts["nb"], *texts["en"]]:
        assert not re.search(r"!|vennligst|please|ugyldig|invalid", text, re.IGNORECASE)
    assert not any('"' in text or "“" in text for text in texts["nb"])
    assert not any("«" in text for text in texts["en"])
    names = [re.findall(r"\$(\w+)", " ".join(texts[language])) for language in LANGUAGES]
    assert set(names[0]) == set(names[1])


def test_no_code_is_seen_that_has_no_words():
    seen = {sighting.code for bad, good in EXAMPLES.values() for one in (bad, good) for sighting in sightings(one)}
    assert seen <= set(table())


def test_each_check_stands_in_the_list_once():
    assert len(CHECKS) == len(set(CHECKS))
