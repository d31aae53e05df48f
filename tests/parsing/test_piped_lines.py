"""Tables between bars in a plain text."""

from mailer.parsing.importing import parse_text

TEXT = """Uke 48

Hei alle sammen! Denne uka handler om strøm og snø.

NYTT FRA KAIA

Hurtigbåten får ny kai

Torsdag skrev vi kontrakt med Barents Entreprenør AS om en ny flytebrygge.

Priser for kaiplass

| Båt | Pris |
|---|--:|
| Liten | 4 200 kr * |
| Stor | 9 000 kr | for mye |

Prisene går opp med fire prosent fra nyttår.
"""


def test_a_table_is_a_table_and_leaves_the_headings_as_they_are() -> None:
    issue = parse_text(TEXT)
    assert [(section.part, section.heading) for section in issue.sections] == [
        ("NYTT FRA KAIA", "Hurtigbåten får ny kai"),
        ("NYTT FRA KAIA", "Priser for kaiplass"),
    ]
    table, below = issue.sections[1].blocks
    assert (table.kind, table.line) == ("table", 13)
    assert table.markdown == "| Båt | Pris |\n| --- | --: |\n| Liten | 4 200 kr \\* |\n| Stor | 9 000 kr |"
    assert below.markdown.startswith("Prisene")


def test_bars_without_a_row_of_hyphens_are_no_headings() -> None:
    issue = parse_text(TEXT.replace("|---|--:|\n", ""))
    assert not [section.heading for section in issue.sections if "|" in section.heading]
    assert not [part for part in issue.parts if "|" in part]


def test_a_drawn_line_below_a_heading_with_a_bar_is_no_table() -> None:
    issue = parse_text("Uke 48\n\nHei alle sammen.\n\nKai | Havn\n----------\n\nVi fikk ny kai i dag.\n")
    assert [section.heading for section in issue.sections] == ["Kai | Havn"]
