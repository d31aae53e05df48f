import pytest

from mailer.parsing.importing import parse_text

BODY = "Dette er et avsnitt som forteller om noe som har skjedd denne uka, og det er langt nok."
TEXT = f"Ukebrev\n\nHer kommer et nytt brev fra oss.\n\nEn sak\n\n{BODY}\n"


def _dropped(text: str) -> list[str]:
    return [each.text for each in parse_text(text).dropped]


@pytest.mark.parametrize(
    "line",
    [
        "Skroll til toppen", "Hopp rett ned til innholdet", "Til toppen ↑", "Del på Facebook", "Skriv ut", "Back to top", "Skip to content",
        "Share this", "Publisert 12.11.2021 av Kari Nordmann", "Sist oppdatert: 3. mars 2022", "© 2021 Sør-Varanger Utvikling",
        "Copyright 2021", "Meny", "Abonner på nyhetsbrev", "Facebook | Instagram | Personvern",
        "Vi bruker informasjonskapsler for statistikk.",
        "Kommentarer (0)", "3 min lesetid", "Side 1 av 2", "Sent from my iPhone", "Unsubscribe", "Vis i nettleser",
    ],
)  # fmt: skip
def test_lines_of_the_page_are_dropped_at_the_top_and_at_the_end(line: str) -> None:
    assert _dropped(f"{line}\n\n{TEXT}") == [line]
    assert _dropped(f"{TEXT}\n{line}\n") == [line]
    assert parse_text(f"{line}\n\n{TEXT}").title == "Ukebrev"


def test_breadcrumbs_and_menus_above_and_below_the_title_are_dropped() -> None:
    assert _dropped(f"Hjem > Aktuelt > Uke 45\n\nUkebrev\n\nMeny\nSøk\n{TEXT[7:]}") == [
        "Hjem > Aktuelt > Uke 45",
        "Meny",
        "Søk",
    ]


def test_other_articles_at_the_end_are_dropped_with_their_titles() -> None:
    text = f"{TEXT}\nLes også:\n\nNy bru til neste år\nStudentbyen vokser\n"
    assert _dropped(text) == ["Les også:", "Ny bru til neste år", "Studentbyen vokser"]


@pytest.mark.parametrize(
    "line",
    ["Del gjerne på Facebook om du vil ha flere med.", "Kontakt oss på post@example.org",
     "Publisert forskning viser at 30 prosent sover for lite.",
     "Meny: suppe og brød", "Søk om støtte innen fredag.", "Neste uke: høstferie"],
)  # fmt: skip
def test_words_of_the_letter_are_kept(line: str) -> None:
    assert _dropped(f"{TEXT}\n{line}\n") == []


def test_each_dropped_line_is_reported_with_its_number() -> None:
    issue = parse_text(f"{TEXT}\nSkriv ut\n")
    assert [(each.code, each.line) for each in issue.unsure if each.code == "furniture-dropped"] == [
        ("furniture-dropped", 9)
    ]


@pytest.mark.parametrize("line", ["- loading", "* Print", "1. Skriv ut", "• Til toppen", "- Del på Facebook"])
def test_an_item_of_a_list_is_never_furniture(line: str) -> None:
    text = f"Brev\n\nEn sak\n\n{BODY}\n\n- niste\n{line}\n- sekk\n\n{BODY}\n"
    assert _dropped(text) == []
    assert _dropped(f"Brev\n\nEn sak\n\n{BODY}\n\n- niste\n{line}\n") == []


@pytest.mark.parametrize(
    "line", ["Print", "Til toppen", "Loading", "share this page", "Oppdatert: ny timeplan ligger på nettet"]
)
def test_inside_a_text_words_that_letters_use_are_kept(line: str) -> None:
    assert _dropped(f"{TEXT}\n{line}\n\n{BODY} Og noe mer.\n") == ([line] if line == "share this page" else [])
    assert _dropped(f"{TEXT}\nVi har satt opp en knapp med navnet\n{line}\nog den virker.\n\n{BODY}\n") == []


@pytest.mark.parametrize(
    "lines",
    [
        "Del på Facebook",
        "Skroll til toppen",
        "Til toppen ↑",
        "Del på Facebook\nSkriv ut",
        "Publisert 12.11.2021 av Kari Nordmann",
    ],
)
def test_inside_a_text_what_can_be_nothing_else_is_dropped(lines: str) -> None:
    assert _dropped(f"{TEXT}\n{lines}\n\n{BODY} Og noe mer.\n") == lines.split("\n")


def test_what_stands_below_every_section_is_dropped() -> None:
    sections = "".join(f"Sak {name}\n\n{BODY}\n\nTil toppen\n\n" for name in ("en", "to", "tre"))
    assert _dropped(f"Ukebrev\n\n{sections}Hilsen oss\n") == ["Til toppen"] * 3
