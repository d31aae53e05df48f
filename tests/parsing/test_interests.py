from pathlib import Path

import pytest

from mailer.parsing.importing import parse_text
from mailer.parsing.interests import load_interest_words, standard_words
from mailer.parsing.issue import SourceError


@pytest.mark.parametrize(
    ("text", "interests"),
    [
        ("Vi møtte lokale studenter.", ["students"]),
        ("Studentbyen Kirkenes vokser", ["students"]),
        ("Dei vil studere i Tromsø", ["students"]),
        ("En avtale med ungdomsbedriften Nord", ["entrepreneurs"]),
        ("Gründerkaffe hver fredag", ["entrepreneurs"]),
        ("Webinar med næringslivet for studenter og arbeidsgivere", ["students", "businesses"]),
        ("Kirkenes Næringsforening inviterer", ["businesses"]),
        ("Rekruttering til de store arbeidsplassene", ["businesses"]),
        ("NHO holder kurs", ["businesses"]),
        ("Bli med i Handelskammeret", ["businesses"]),
        ("We met founders and investors at the pitch", ["entrepreneurs"]),
        ("Local businesses and employers", ["businesses"]),
        ("Vi gjør det på en ny måte for å rekruttere spillere", []),
        ("Rekruttering til koret", []),
        ("En ny studie viser at vi sover for lite", []),
        ("Oppstart av fotballskolen er mandag", []),
        ("Bedriften ligger ved havna", []),
        ("Entreprenøren begynner å grave på mandag", []),
        ("Prosjektet har markedsføring som tema", []),
        ("Elevene hadde skogtur", []),
    ],
)
def test_beginnings_of_words_tell_for_whom_a_text_is(text: str, interests: list[str]) -> None:
    assert list(standard_words().suggest(text)) == interests


def test_a_part_tells_only_by_its_strong_words_and_when_the_text_says_nothing() -> None:
    words = standard_words()
    assert words.suggest("Her har vi brukt mange timer.", "Entreprenørskap") == ("entrepreneurs",)
    assert words.suggest("Vi deltar på et kurs.", "Rekruttering og attraktivitet") == ()
    assert words.suggest("Møte med studenter.", "Entreprenørskap") == ("students",)
    assert words.suggest("Ti bedrifter stiller med stand.", "For studenter") == ("students",)


def test_an_organisation_can_have_a_table_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "ord.toml"
    path.write_text('[barn-og-unge]\nstrong = ["barnekor", "Speider"]\nwhole = ["UNG"]\n', encoding="utf-8")
    words = load_interest_words(path)
    text = "Brev\n\nSpeiderleir til sommeren, med telt og bål og kano for alle.\n\n"
    text += "Ungt miljø, sier de som var der i fjor da vi spurte dem.\n"
    assert [section.interests for section in parse_text(text, words=words).sections or ()] in ([("barn-og-unge",)], [])
    assert words.suggest("Barnekoret øver") == ("barn-og-unge",)
    assert words.suggest("Ungt miljø") == ()
    assert words.suggest("Sør-Varanger UNG") == ("barn-og-unge",)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ('[students\nstrong = ["a"]', "not valid TOML.*line 1"),
        ('["Æ"]\nstrong = ["a"]', "no slug"),
        ('[students]\nstark = ["a"]', "unknown key stark"),
        ('[students]\nstrong = "a"', "strong of .students. must be a list"),
        ('[students]\nstrong = [""]', "must be a list of words"),
        ('students = "a"', '"students" must be a table'),
    ],
)
def test_a_table_that_cannot_be_used_names_file_and_key(tmp_path: Path, toml: str, says: str) -> None:
    path = tmp_path / "ord.toml"
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(SourceError, match=says) as error:
        load_interest_words(path)
    assert "ord.toml" in str(error.value)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="can't be read"):
        load_interest_words(tmp_path / "ingen.toml")
