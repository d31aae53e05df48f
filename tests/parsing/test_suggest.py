"""Headings and preheaders that are suggested out of a text's own words."""

import pytest

from mailer.parsing.importing import parse_file, parse_text
from tests.parsing.reading import UKE_45, words

OTHER = "Ellers har næringsforeningen hatt årsmøte, med valg av nytt styre og god mat til alle som kom."


def _heading(first: str) -> str:
    text = f"Ukebrev\n\nHer er en kort oppsummering av uka.\n\n{first} Dette blir det mer om etter hvert i dette brevet.\n\n{OTHER}\n"
    section = parse_text(text).sections[0]
    assert section.heading_suggested
    return section.heading


def test_the_headings_suggested_for_uke_45() -> None:
    suggested = [section.heading for section in parse_file(UKE_45).sections if section.heading_suggested]
    assert suggested == [
        "Nordnorsk vitensenter", "Samling med alle landets kompetansepiloter", "Studentbyen Kirkenes", "Nordstjerna Markedsføring",
        "Rekruttering", "Kurs i regi DOGA", "ICE Release Party", "ICE Workation",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "heading"),
    [
        ("Mandag fikk vi besøk av ti studenter fra Tromsø.", "Besøk av ti studenter fra Tromsø"),
        ("Denne uken inngikk vi en avtale med Kirkenes næringshage.", "Kirkenes næringshage"),
        ("Studentene har vært på kurs i regi av NITO i to dager.", "Kurs i regi av NITO"),
        ("Vi minner om at kontoret er stengt i påsken.", "Kontoret er stengt i påsken"),
        ("Studenter søkes! Vi søker kirketjener i 40 % stilling for studenter.", "Studenter søkes"),
        ("Denne uka er temaet student og bolig for oss alle.", "Student og bolig"),
        ("Studentene har laget «Nordlysrommet» på biblioteket.", "Nordlysrommet"),
        ("This week we hosted a workshop for students at the harbour.", "Workshop for students"),
    ],
)
def test_a_heading_says_what_the_section_is_about(sentence: str, heading: str) -> None:
    assert _heading(sentence) == heading
    assert set(words(heading.casefold())) <= set(words(sentence.casefold()))


def test_neither_the_sender_nor_a_person_is_a_heading() -> None:
    text = (
        "Ukebrev fra Nordre Havn\n\nHer er en kort oppsummering av uka.\n\nStudentene ved Nordre Havn har fått nye lokaler "
        f"denne uka, sier Kari Nordmann.\n\n{OTHER}\n"
    )
    assert parse_text(text).sections[0].heading == "Nye lokaler"


@pytest.mark.parametrize(
    ("intro", "preheader"),
    [
        ("Hei alle sammen! Denne uka har vi mye på gang, og det er vi glade for.", "Denne uka har vi mye på gang, og det er vi glade for."),
        ("Hei!\nHer er det viktigste fra uka som gikk hos oss på kontoret.", "Her er det viktigste fra uka som gikk hos oss på kontoret."),
        ("Hei alle, her kommer det viktigste fra uka som gikk hos oss.", "Hei alle, her kommer det viktigste fra uka som gikk hos oss."),
        ("Kjære foreldre! Takk for en fin uke.", "Takk for en fin uke."),
        ("God morgen!", ""),
    ],
)  # fmt: skip
def test_the_preheader_begins_behind_the_greeting(intro: str, preheader: str) -> None:
    text = f"Ukebrev\n\n{intro}\n\nEn sak\n\nHer står det noe om en sak, og det er langt nok.\n"
    assert parse_text(text).preheader == preheader


def test_capitals_that_run_into_their_paragraph_open_a_section_each() -> None:
    text = "Ukas oppdatering\n\nNYE KUNDER: Vi har signert med Alta kommune i dag.\n\nSOSIALT: Fredagspils i kantina for alle som vil.\n"
    assert [section.heading for section in parse_text(text).sections] == ["NYE KUNDER", "SOSIALT"]
