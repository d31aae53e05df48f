"""Which lines are headings, whoever marks them and however."""

import pytest

from mailer.parsing.importing import parse_text
from tests.parsing.reading import outline, section

BODY = "Dette er et avsnitt som forteller om noe, og det er langt nok til å være tekst."
OTHER = "Her står det noe helt annet, og også det er et avsnitt med flere ord i seg."


def _text(first: str, second: str) -> str:
    return f"Ukebrev\n\n{BODY}\n\n{first}\n\n{BODY}\n\n{second}\n\n{OTHER}\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Nytt fra styret", "Dugnad på lørdag"),
        ("NYTT FRA STYRET", "DUGNAD PÅ LØRDAG"),
        ("# Nytt fra styret", "# Dugnad på lørdag"),
        ("## Nytt fra styret ##", "## Dugnad på lørdag ##"),
        ("**Nytt fra styret**", "**Dugnad på lørdag**"),
        ("*Nytt fra styret*", "*Dugnad på lørdag*"),
        ("__Nytt fra styret__", "__Dugnad på lørdag__"),
        ("1. Nytt fra styret", "2. Dugnad på lørdag"),
        ("1) Nytt fra styret", "2) Dugnad på lørdag"),
        ("I. Nytt fra styret", "II. Dugnad på lørdag"),
        ("Nytt fra styret\n===============", "Dugnad på lørdag\n================"),
        ("Nytt fra styret\n---", "Dugnad på lørdag\n---"),
        ("Nytt fra styret\n_______________", "Dugnad på lørdag\n________________"),
        ("=====\nNytt fra styret\n=====", "=====\nDugnad på lørdag\n====="),
        ("== Nytt fra styret ==", "== Dugnad på lørdag =="),
        ("--- Nytt fra styret ---", "--- Dugnad på lørdag ---"),
        ("Nytt fra styret:", "Dugnad på lørdag:"),
        ("-----\n\nNytt fra styret", "-----\n\nDugnad på lørdag"),
    ],
)
def test_headings_are_found_however_they_are_marked(first: str, second: str) -> None:
    found = outline(_text(first, second))
    assert [(part, heading.casefold() if heading else None) for part, heading in found] == [
        (None, "nytt fra styret"),
        (None, "dugnad på lørdag"),
    ]


def test_a_heading_may_stand_right_above_its_text() -> None:
    text = f"Ukebrev\n\n{BODY}\n\nNytt fra styret\n{BODY}\n\nDugnad på lørdag\n{OTHER}\n"
    assert outline(text) == [(None, "Nytt fra styret"), (None, "Dugnad på lørdag")]


def test_a_text_without_any_empty_line_is_read_by_its_short_and_long_lines() -> None:
    text = f"Ukebrev\n{BODY}\nNytt fra styret\n{BODY}\nDugnad på lørdag\n{OTHER}\n"
    assert outline(text) == [(None, "Nytt fra styret"), (None, "Dugnad på lørdag")]


@pytest.mark.parametrize(
    "line",
    [
        "Pris: 250 kr", "Kl. 18.00", "kr 450,-", "Tirsdag 9. november kl. 17", "9. november", "12.11.2021", "Fredag 10-16", "Uke 45, 2021.",
        "Tlf. 99 88 77 66", "post@example.org", "www.example.org", "https://example.org/å", "Påmelding: innen fredag", "Sted: Kulturhuset",
        "Kari Nordmann, tlf. 900 00 000", "Les mer her", "Meld deg på her", "Foto: Ola Nordmann", "Velkommen!", "Husk niste!",
        "og så var det dette", "Alle møtte opp.", "(se neste side)", "Tuesday 9 November at 5 pm", "Price: £4", "Read more",
        "Mandag–torsdag: 10–19", "Vi har i dag fått beskjed om at veien blir stengt hele helga",
    ],
)  # fmt: skip
def test_prices_times_addresses_and_asking_lines_are_no_headings(line: str) -> None:
    text = f"Ukebrev\n\n{BODY}\n\nNytt fra styret\n\n{BODY}\n\n{line}\n\n{OTHER}\n\nDugnad på lørdag\n\n{BODY}\n"
    assert outline(text) == [(None, "Nytt fra styret"), (None, "Dugnad på lørdag")]


def test_ordinals_are_words_and_no_numbering() -> None:
    found = outline(f"Ukebrev\n\n{BODY}\n\n1. trinn\n\n{BODY}\n\n2. trinn\n\n{OTHER}\n")
    assert found == [(None, "1. trinn"), (None, "2. trinn")]


def test_a_numbered_list_under_a_numbered_heading_is_a_list() -> None:
    text = f"Ukebrev\n\n1. Mål\n\n{BODY}\n\n1. først\n2. så\n3. sist\n\n2. Midler\n\n{OTHER}\n"
    assert outline(text) == [(None, "Mål"), (None, "Midler")]
    assert [block.kind for block in section(text, "Mål").blocks] == ["paragraph", "list"]


@pytest.mark.parametrize(
    ("part", "sub"),
    [("# {}", "## {}"), ("1. {}", "1.1 {}"), ("{}\n===", "{}\n---"), ("**{}**", "{}"), ("== {} ==", "{}\n-----")],
)
def test_two_looks_are_two_levels(part: str, sub: str) -> None:
    heads = [
        part.format("Skolen"),
        sub.format("Foreldremøte"),
        sub.format("Skogtur"),
        part.format("Kommunen").replace("1. ", "2. "),
    ]
    heads = [
        heads[0],
        heads[1],
        heads[2].replace("1.1", "1.2"),
        heads[3],
        sub.format("Veiarbeid").replace("1.1", "2.1"),
    ]
    text = f"Ukebrev\n\n{BODY}\n\n{heads[0]}\n\n{heads[1]}\n\n{BODY}\n\n{heads[2]}\n\n{OTHER}\n\n{heads[3]}\n\n{heads[4]}\n\n{BODY}\n"
    assert outline(text) == [("Skolen", "Foreldremøte"), ("Skolen", "Skogtur"), ("Kommunen", "Veiarbeid")]


def test_capitals_above_plain_lines_are_parts() -> None:
    text = f"Ukebrev\n\n{BODY}\n\nSKOLEN\n\nForeldremøte\n\n{BODY}\n\nSkogtur\n\n{OTHER}\n\nKOMMUNEN\n\nVeiarbeid\n\n{BODY}\n"
    assert outline(text) == [("SKOLEN", "Foreldremøte"), ("SKOLEN", "Skogtur"), ("KOMMUNEN", "Veiarbeid")]


def test_among_headings_of_one_look_a_part_stands_right_above_its_first_section() -> None:
    text = f"Ukebrev\n\n{BODY}\n\nSkolen\n\n{BODY}\n\nFremtid\n\nPlaner for hele neste år\n\n{BODY}\n\nHavna i 2030\n\n{OTHER}\n"
    assert outline(text) == [(None, "Skolen"), ("Fremtid", "Planer for hele neste år"), ("Fremtid", "Havna i 2030")]


def test_a_heading_without_text_is_kept_and_reported() -> None:
    issue = parse_text(f"# Ukebrev\n\n{BODY}\n\n## Skolen\n\n## Kommunen\n\n{OTHER}\n")
    assert [(s.heading, len(s.blocks)) for s in issue.sections] == [("Skolen", 0), ("Kommunen", 1)]
    assert [(each.code, each.line) for each in issue.unsure if each.code == "heading-without-text"] == [
        ("heading-without-text", 5)
    ]


def test_a_title_of_two_lines_keeps_the_second_in_the_intro() -> None:
    issue = parse_text(f"Nyhetsbrev fra menigheten\nUke 12, 2022\n\n{BODY}\n\nKor\n\n{OTHER}\n")
    assert (issue.title, issue.year, issue.week) == ("Nyhetsbrev fra menigheten", 2022, 12)
    assert issue.intro[0].markdown == "Uke 12, 2022"


def test_a_text_without_a_title_gets_a_suggestion() -> None:
    issue = parse_text(f"Hei alle sammen!\n\n{BODY}\n\n{OTHER}\n")
    assert issue.title.startswith("Dette er et avsnitt")
    assert "title-suggested" in {each.code for each in issue.unsure}
    assert issue.intro[0].markdown == "Hei alle sammen!"


def test_a_text_without_headings_is_cut_by_what_it_is_about() -> None:
    text = (
        "Ukebrev\n\nHer er en kort oppsummering av uka.\n\n"
        "Mandag fikk vi besøk av ti studenter fra Tromsø, som ville se på laboratoriet vårt.\n\n"
        "De likte særlig mikroskopet.\n\nEllers har næringsforeningen hatt årsmøte, med valg av nytt styre og god mat til alle som kom.\n"
    )
    issue = parse_text(text)
    assert [(s.interests, len(s.blocks), s.heading_suggested) for s in issue.sections] == [
        (("students",), 2, True),
        (("businesses",), 1, True),
    ]
    assert "no-headings" in {each.code for each in issue.unsure}


def test_numbered_lines_without_text_between_them_are_a_list() -> None:
    text = f"Ukebrev\n\nLekser\n------\n1) Les side 34-40\n2) Regn oppgave 5.12\n\nNeste uke\n---------\n{BODY}\n\nHilsen Guro\n"
    assert outline(text) == [(None, "Lekser"), (None, "Neste uke")]
    assert [block.kind for block in section(text, "Lekser").blocks] == ["list"]


@pytest.mark.parametrize("look", ["{}\n", "**{}**\n", "{}\n-----\n"])
def test_capitals_outrank_other_headings(look: str) -> None:
    text = f"Ukebrev\n\n{BODY}\n\nSTUDIER\n\n{look.format('Kaffe på torget')}\n{BODY}\n\n{look.format('Nye studier')}\n{OTHER}\n\n"
    text += f"NÆRING\n\n{look.format('Frokostmøte')}\n{BODY}\n"
    assert outline(text) == [("STUDIER", "Kaffe på torget"), ("STUDIER", "Nye studier"), ("NÆRING", "Frokostmøte")]


def test_bold_capitals_outrank_bold_words() -> None:
    text = (
        f"Ukebrev\n\n{BODY}\n\n**RITT**\n\n**Barnas dag**\n\n{BODY}\n\n**Løpet**\n\n{OTHER}\n\n**DUGNAD**\n\n{BODY}\n"
    )
    assert outline(text) == [("RITT", "Barnas dag"), ("RITT", "Løpet"), (None, "DUGNAD")]
