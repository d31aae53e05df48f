"""Translations that tell less, or something else, than the main text."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.checking.pairing import pairs
from mailer.checking.preflight import examine
from mailer.parsing.markdown import parse_markdown
from tests.checking.material import INTERESTS, PICTURE, PLAIN, Context

MAIN = f"""---
title: Uke 45
language: nb
week: 2021-W45
---

## Havnen

Havnen bygges ut, og det tar tre år.

![Havnen i Kirkenes](/{PICTURE.lstrip("/")})

## Frokostmøte
interests: businesses

Vi møtes på Thon.

```hendelse
tittel: Frokostmøte
start: 2021-11-17 08:30
```

[Meld deg på frokostmøtet](https://example.org/frokost)

## Kurs
interests: students

Les [kursplanen](https://example.org/kurs).
"""
ENGLISH = (
    MAIN.replace("language: nb", "language: en").replace("title: Uke 45", "title: Week 45").replace("Kurs", "Course")
)


def _found(main: str, translation: str, *, of_translation: bool = False, language: str = "nb") -> list[tuple[str, str]]:
    one, other = parse_markdown(main), parse_markdown(translation)
    context = (
        Context(language=language, translation_of=one)
        if of_translation
        else Context(language=language, translations=[other])
    )
    found = examine(other if of_translation else one, theme=PLAIN, interests=INTERESTS, context=context)
    return [
        (each.section.heading if each.section else "", each.what)
        for each in found
        if each.code.startswith("translation-")
    ]


def test_a_whole_translation_has_nothing_to_tell() -> None:
    assert _found(MAIN, ENGLISH) == _found(MAIN, ENGLISH, of_translation=True) == []


def test_what_a_section_lacks_is_named_in_the_text_that_is_checked() -> None:
    less = ENGLISH.replace("[Meld deg på frokostmøtet](https://example.org/frokost)", "").replace("![Havnen", "[Havnen")
    assert _found(MAIN, less) == [
        ("Havnen", "Oversettelsen til engelsk av «Havnen» mangler noe som hovedteksten har: bilde."),
        ("Frokostmøte", "Oversettelsen til engelsk av «Frokostmøte» mangler noe som hovedteksten har: knapp."),
    ]
    assert [section for section, _ in _found(MAIN, less, of_translation=True)] == ["Havnen", "Frokostmøte"]


def test_a_section_that_is_missing_is_named_and_the_others_are_compared_with_theirs() -> None:
    start = ENGLISH.index("## Frokostmøte")
    end = ENGLISH.index("## Course")
    assert _found(MAIN, ENGLISH[:start] + ENGLISH[end:], language="en") == [
        ("", "The translation into English has 2 sections, and the main text has 3."),
    ]


def test_other_readers_and_another_time_are_told() -> None:
    other = ENGLISH.replace("students", "entrepreneurs").replace("08:30", "09:30")
    (place, time), (_, readers) = _found(MAIN, other)
    assert place == "Frokostmøte"
    assert "begynner onsdag 17. november 2021 kl. 08.30, men onsdag 17. november 2021 kl. 09.30" in time
    assert readers == "«Kurs» er for studenter, men i oversettelsen til engelsk for gründere."


def _same(one: object, other: object) -> float:
    return float(one == other)


@given(st.lists(st.integers(0, 9), max_size=8), st.lists(st.integers(0, 9), max_size=8))
def test_pairs_have_every_member_once_and_in_order(here: Sequence[int], there: Sequence[int]) -> None:
    found = list(pairs(here, there, _same))
    assert [one for one, _ in found if one is not None] == list(here)
    assert [other for _, other in found if other is not None] == list(there)


@pytest.mark.parametrize("gone", [0, 1, 2, 3])
def test_what_is_missing_is_left_alone(gone: int) -> None:
    here = [1, 2, 3, 4]
    there = here[:gone] + here[gone + 1 :]
    assert [one for one, other in pairs(here, there, _same) if other is None] == [here[gone]]
