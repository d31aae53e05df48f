"""The first real text: what the importer must find in it."""

import pytest

from mailer.parsing.blocks import block_text, links
from mailer.parsing.importing import parse_file
from mailer.parsing.issue import ParsedIssue
from tests.parsing.reading import UKE_45


@pytest.fixture(scope="module")
def issue() -> ParsedIssue:
    return parse_file(UKE_45)


def test_title_week_and_language(issue: ParsedIssue) -> None:
    assert (issue.title, issue.year, issue.week, issue.language) == ("Uke 45", None, 45, "nb")


def test_the_first_paragraph_is_the_intro(issue: ParsedIssue) -> None:
    assert [block.kind for block in issue.intro] == ["paragraph"]
    assert block_text(issue.intro[0]).startswith("Ja, ka skjer? Siden sist")
    assert issue.preheader == "Ja, ka skjer? Siden sist vi oppsummerte de siste ukene har det skjedd mye på kontoret."


def test_the_science_centre_is_for_everyone_in_no_part_with_a_quotation(issue: ParsedIssue) -> None:
    section = issue.sections[0]
    assert (section.part, section.interests, section.cut_suggested) == (None, (), True)
    assert [block.kind for block in section.blocks] == ["paragraph", "quotation"]
    assert block_text(section.blocks[1]).startswith("Dette tilbudet ser vi frem til og vi gleder")


def test_parts_are_cut_into_sections_for_their_readers(issue: ParsedIssue) -> None:
    assert issue.parts == ("Kompetansepiloten", "Rekruttering og attraktivitet", "Entreprenørskap", "Fremtid")
    assert [(section.part, section.interests) for section in issue.sections[1:]] == [
        ("Kompetansepiloten", ()),
        ("Kompetansepiloten", ("students",)),
        ("Rekruttering og attraktivitet", ("entrepreneurs",)),
        ("Rekruttering og attraktivitet", ("businesses",)),
        ("Rekruttering og attraktivitet", ()),
        ("Entreprenørskap", ("entrepreneurs",)),
        ("Entreprenørskap", ("entrepreneurs",)),
        ("Fremtid", ("businesses",)),
        ("Fremtid", ("students", "businesses")),
    ]


def test_headings_of_their_own_are_kept_and_others_suggested_from_the_words(issue: ParsedIssue) -> None:
    own = [section.heading for section in issue.sections if not section.heading_suggested]
    assert own == ["Pilotkonferanse med fokus på teknologi og bærekraft", "Sør-Varanger 2027"]
    suggested = {section.heading for section in issue.sections if section.heading_suggested}
    assert {"Studentbyen Kirkenes", "Nordstjerna Markedsføring", "ICE Release Party", "ICE Workation"} <= suggested


def test_closing_and_furniture(issue: ParsedIssue) -> None:
    assert [block_text(block) for block in issue.closing] == [
        "Der, det var noe siden sist!",
        "Med ønske om en god, ny uke.",
        "Alle oss i Sør-Varanger Utvikling.",
    ]
    assert [(each.line, each.text) for each in issue.dropped] == [
        (45, "Skroll til toppen"),
        (46, "Hopp rett ned til innholdet"),
    ]


def test_links_whose_targets_were_lost_are_named_with_their_lines(issue: ParsedIssue) -> None:
    found = [(link.text, link.target, link.line) for section in issue.sections for link in links(section.blocks)]
    assert found == [("Les mer her", None, 25), ("les her", None, 27)]
    assert [each.line for each in issue.unsure if each.code == "link-without-target"] == [25, 27]


def test_spaces_are_plain_and_quotation_marks_stay(issue: ParsedIssue) -> None:
    text = block_text(issue.sections[2].blocks[0])
    assert "“Studentbyen Kirkenes”" in text
    assert "\u00a0" not in text
    assert "  " not in text


def test_each_guess_is_reported(issue: ParsedIssue) -> None:
    codes = {each.code for each in issue.unsure}
    assert {
        "heading-guessed",
        "heading-suggested",
        "cut-suggested",
        "interests-suggested",
        "furniture-dropped",
    } <= codes
    assert [each.line for each in issue.unsure if each.code == "level-guessed"] == [35]
