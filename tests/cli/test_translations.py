from pathlib import Path

import pytest


@pytest.fixture
def english(tmp_path):
    file = tmp_path / "week-45.md"
    file.write_text("---\ntitle: Week 45\n---\n\n## Campus\n\nFully booked until spring.\n")
    return str(file)


@pytest.fixture
def imported(ukebrev, uke_45, english):
    words = ("--translation-of", uke_45, "--language", "en", "--json")
    return ukebrev("issue", "import", english, *words).json["slug"]


def test_a_translation_is_told_in_lists_and_with_its_issue(ukebrev, uke_45, imported):
    rows = {row["slug"]: row for row in ukebrev("issue", "list", "--json").json}
    assert imported == f"{uke_45}-en"
    assert (rows[imported]["language"], rows[imported]["translation_of"]) == ("en", uke_45)
    assert rows[uke_45]["translation_of"] == ""
    assert ukebrev("issue", "show", uke_45, "--json").json["translations"] == {"en": imported}
    assert f"Its translation into 'en' is {imported}." in ukebrev("issue", "show", uke_45).out
    assert f"the translation of {uke_45}" in ukebrev("issue", "show", imported).out


def test_a_preview_in_its_language_shows_the_translation(ukebrev, uke_45, imported):
    assert "Fully booked" in ukebrev("issue", "preview", uke_45, "--language", "en", "--text").out
    assert "Fully booked" not in ukebrev("issue", "preview", uke_45, "--text").out


def test_the_beginning_of_a_name_means_the_issue_and_not_its_translation(ukebrev, uke_45, imported):
    assert ukebrev("issue", "show", "uke-45", "--json").json["slug"] == uke_45


def test_sending_a_translation_is_answered_with_the_issue_to_send(ukebrev, uke_45, imported):
    answer = ukebrev("campaign", "send", imported, "--dry-run")
    assert answer.code == 2
    assert f"Send {uke_45}" in answer.err


def test_another_translation_into_the_same_language_must_be_meant(ukebrev, uke_45, imported, english):
    with Path(english).open("a", encoding="utf-8") as file:
        file.write("\nAnd then some.\n")
    words = ("issue", "import", english, "--translation-of", uke_45, "--language", "en")
    refused = ukebrev(*words)
    assert (refused.code, "--replace" in refused.err) == (2, True)
    assert ukebrev(*words, "--replace", "--json").json["slug"] == imported
    assert "And then some" in ukebrev("issue", "export", imported).out


def test_a_translation_of_nothing_is_refused(ukebrev, uke_45, english):
    answer = ukebrev("issue", "import", english, "--translation-of", "uke-99", "--language", "en")
    assert answer.code == 2
    assert "There is no issue 'uke-99'" in answer.err
