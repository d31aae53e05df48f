import re
from pathlib import Path

import pytest

from mailer.rendering.theme import TEMPLATES
from mailer.rendering.toml_tables import SettingsError
from mailer.rendering.words import LANGUAGES, Words, direction, language_for, load_words

NB, EN = (load_words(language, (TEMPLATES,)) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("year", "week", "norwegian", "english"),
    [
        (2021, 45, "8.–14. november 2021", "8–14 November 2021"),
        (2021, 48, "29. november – 5. desember 2021", "29 November – 5 December 2021"),
        (2020, 53, "28. desember 2020 – 3. januar 2021", "28 December 2020 – 3 January 2021"),
    ],
)
def test_a_week_is_told_by_its_days(year: int, week: int, norwegian: str, english: str):
    assert NB.week_dates(year, week) == norwegian
    assert EN.week_dates(year, week) == english


@pytest.mark.parametrize(
    ("hours", "line"),
    [
        (0.0, "Mørketid i Kirkenes"),
        (0.6, "Ca. 1 time dagslys i Kirkenes"),
        (4.97, "Ca. 5 timer dagslys i Kirkenes"),
        (24.0, "Midnattssol i Kirkenes"),
    ],
)
def test_the_light_is_told_in_whole_hours(hours: float, line: str):
    assert NB.daylight_line(hours, "Kirkenes") == line


def test_names_are_put_together_as_people_do():
    assert NB.enumeration([]) == ""
    assert NB.enumeration(["studenter"]) == "studenter"
    assert NB.enumeration(["studenter", "gründere"]) == "studenter og gründere"
    assert EN.enumeration(["students", "entrepreneurs", "businesses"]) == "students, entrepreneurs and businesses"


def test_dates_in_running_text_are_found():
    assert re.findall(NB.date_pattern(), "den 17. november, 3. mai og 17 november") == ["17. november", "3. mai"]
    assert re.findall(EN.date_pattern(), "on 17 November or May 3") == ["17 November", "May 3"]


@pytest.mark.parametrize(
    ("tag", "language"), [("nb-NO", "nb"), ("nn", "nb"), ("no", "nb"), ("", "nb"), ("EN-gb", "en"), ("fi", "en")]
)
def test_each_reader_is_spoken_to_in_the_nearest_language(tag: str, language: str):
    assert language_for(tag) == language


def test_some_languages_are_written_from_right_to_left():
    assert direction("ar") == "rtl"
    assert direction("nb") == "ltr"


def test_an_organisations_words_come_first_and_may_be_few(tmp_path: Path):
    (tmp_path / "_words").mkdir()
    (tmp_path / "_words" / "nb.toml").write_text('letter_from = "Menighetsblad fra"')
    words = load_words("nb", (tmp_path, TEMPLATES))
    assert (words.letter_from, words.web) == ("Menighetsblad fra", "Vis i nettleser")


def test_a_wrong_word_is_told_with_file_and_key(tmp_path: Path):
    (tmp_path / "_words").mkdir()
    (tmp_path / "_words" / "nb.toml").write_text('months = ["januar"]')
    with pytest.raises(SettingsError, match=r"nb\.toml: months: expected twelve months"):
        load_words("nb", (tmp_path, TEMPLATES))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Møt opp kl. 9 og Kl. 17.30.", ["kl. 9", "Kl. 17.30"]),
        ("Det kostet 2,5 mill. kroner, altså 12 000 kroner.", ["2,5 mill.", "12 000 kroner"]),
        ("Opp 7 % i uke 45, 3 km unna", ["7 %", "uke 45", "3 km"]),
        ("Ca. 10–12 timer, nr. 4", ["Ca. 10–12 timer", "nr. 4"]),
        ("9 minuttersregelen, husnr. 4, 45 er 2021", []),
    ],
)
def test_numbers_are_kept_with_their_words(text: str, whole: list[str]):
    assert re.findall(NB.number_pattern(), text) == whole


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Ring 78 97 74 00.", ["78 97 74 00"]),
        ("eller +47 900 00 000, ikke", ["+47 900 00 000"]),
        ("for 4 200 personer", ["4 200"]),
        ("4 200 kr", ["4 200 kr"]),
        ("i 2021 var 25 her", []),
        ("A4 200x B", []),
    ],
)
def test_groups_of_digits_are_kept_together(text: str, whole: list[str]):
    assert re.findall(NB.number_pattern(), text) == whole


def test_english_numbers_are_kept_with_theirs():
    assert re.findall(EN.number_pattern(), "5 per cent at 9 a.m. on page 7") == ["5 per cent", "9 a.m.", "page 7"]


@pytest.mark.parametrize("words", [NB, EN], ids=["nb", "en"])
def test_no_sentence_of_ours_ends_in_a_word_alone_on_its_line(words: Words):
    for text in (words.follows, words.for_all, words.everything, words.why, words.untracked):
        assert "\u00a0" in text.rsplit(" ", 1)[1], text
