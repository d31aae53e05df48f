from hypothesis import given
from hypothesis import strategies as st

from mailer.rendering.text_layout import WIDTH, hang, right_aligned, table, underlined, width_of, wrap

WORDS = st.lists(st.text(alphabet="abcdefghij–øå界", min_size=1, max_size=30), max_size=80)


@given(WORDS, st.integers(min_value=24, max_value=80))
def test_wrapping_keeps_every_word_and_no_line_is_too_long(words: list[str], width: int):
    lines = wrap(" ".join(words), width)
    assert " ".join(lines).split() == words
    assert all(width_of(line) <= width or " " not in line for line in lines)


def test_the_right_edge_is_even_and_the_last_word_not_alone():
    text = (
        "Nina har vært på samling med alle landets kompetansepiloter arrangert av Kommunal- og "
        "moderniseringsdepartementet. Her fikk hun presentere vårt forslag til konsept og våre tanker rundt tema fra "
        "Sør-Varanger sitt perspektiv."
    )
    assert wrap(text) == [
        "Nina har vært på samling med alle landets kompetansepiloter arrangert",
        "av Kommunal- og moderniseringsdepartementet. Her fikk hun presentere",
        "vårt forslag til konsept og våre tanker rundt tema fra Sør-Varanger",
        "sitt perspektiv.",
    ]


def test_a_word_longer_than_a_line_has_one_of_its_own():
    assert wrap("a " + "b" * 100 + " c") == ["a", "b" * 100, "c"]


def test_an_address_stands_alone_rather_than_with_half_of_what_leads_to_it():
    address = "https://brev.example.org/c/9ed518d9434f120c4b290e89.ics"
    assert wrap(f"Legg i kalenderen: {address}", 68) == ["Legg i kalenderen:", address]


def test_wide_characters_take_two_columns_and_combining_ones_none():
    assert (width_of("界"), width_of("e\u0301界"), width_of("å")) == (2, 3, 1)


def test_a_hanging_paragraph_keeps_its_indent():
    lines = hang("ord " * 40, "    - ", "      ").split("\n")
    assert lines[0].startswith("    - ord")
    assert all(line.startswith("      ord") and len(line) <= WIDTH for line in lines[1:])


def test_a_heading_is_underlined_to_its_length():
    assert underlined("Fremtid") == "Fremtid\n-------"


def test_the_letterhead_stands_at_both_edges():
    assert right_aligned([("Ukebrev fra", "Uke 45")]) == "Ukebrev fra".ljust(66) + "Uke 45"
    assert right_aligned([("", "Mørketid")]) == "Mørketid".rjust(72)
    assert right_aligned([("a" * 50, "b" * 50)]) == "a" * 50 + "\n" + "b" * 50


def test_a_table_is_aligned_and_one_too_wide_is_a_list():
    rows = [["Når", "Antall"], ["I dag", "7"]]
    assert table(rows, [False, True], "    ") == ("    Når             Antall\n    I dag                7")
    wide = table([["Når", "Hva"], ["I dag", "x" * 80]], [False, False], "    ")
    assert wide == "    Når: I dag\n    Hva:\n      " + "x" * 80
