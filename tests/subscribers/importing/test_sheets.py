"""Sheets as they come (FIELD.md 13; sendportal#67, mautic#4561)."""

from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.importing.faults import SheetError
from subscribers.importing.sheets import Named, open_sheet
from tests.subscribers.importing.workbooks import with_part, workbook

ROWS = [["E-post", "Navn"], ["kari@example.no", "Kari Næss"]]
# Made once: a workbook holds the moment at which it was made.
WORKBOOK = workbook(*ROWS)


def rows_of(content: bytes, name="people.csv"):
    return list(open_sheet(Named(io.BytesIO(content), name)).rows())


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_encoding_and_line_ends_are_recognised(delimiter, encoding, end):
    text = "".join(delimiter.join(row) + end for row in ROWS)
    assert rows_of(text.encode(encoding)) == ROWS


def test_a_few_broken_letters_do_not_make_utf_8_another_code_page():
    content = ("E-post;Navn\n" + "a@example.no;Åse Bjørnø\n" * 20).encode() + b"b@example.no;K\xe5re\n"
    assert rows_of(content)[-1] == ["b@example.no", "K\ufffdre"]
    assert rows_of(content)[1][1] == "Åse Bjørnø"


def test_a_comma_in_names_is_no_delimiter_where_semicolons_are():
    assert rows_of(b"kari@example.no;Nordmann, Kari\nola@example.no;Nordmann, Ola\n")[0] == [
        "kari@example.no",
        "Nordmann, Kari",
    ]


def test_excels_own_first_line_names_the_delimiter_and_is_not_read():
    assert rows_of(b"sep=|\nE-post|Navn\n") == [[], ["E-post", "Navn"]]


@pytest.mark.parametrize("after", ["", "ola@example.no;Ola\n", "ola@example.no;Ola\n" * 200, "x" * 200_000])
def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line(after):
    with pytest.raises(SheetError, match=r"line 2|near line"):
        rows_of(b'E-post;Navn\nkari@example.no;"Kari\n' + after.encode())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x00\x01\x02\x03" * 100, "no text"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"x" * 2_000_000, "characters"),
    ],
)
def test_what_is_no_sheet_is_told_in_a_sentence(content, says):
    with pytest.raises(SheetError, match=says):
        rows_of(content)


def test_a_zip_renamed_to_csv_is_told_apart_from_a_workbook():
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("people.csv", "E-post\nkari@example.no\n")
    with pytest.raises(SheetError, match="ZIP archive and no sheet"):
        rows_of(kept.getvalue())


def test_a_workbook_is_read_whatever_it_is_called_and_its_values_are_texts():
    import datetime as dt

    content = workbook(["E-post", "Alder", "Ja", "Dag"], ["kari@example.no", 41.0, True, dt.datetime(2026, 12, 31)])  # noqa: DTZ001
    assert rows_of(content, "people.csv")[1] == ["kari@example.no", "41", "ja", "2026-12-31"]


def test_the_first_sheet_with_anything_in_it_is_read():
    from openpyxl import Workbook

    book = Workbook()
    book.create_sheet("Folk").append(["kari@example.no"])
    kept = io.BytesIO()
    book.save(kept)
    assert rows_of(kept.getvalue()) == [["kari@example.no"]]


SHEET = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData>%s</sheetData></worksheet>"
)


@pytest.mark.parametrize(
    "data",
    [
        b'<row r="1"><c r="A1"/></row>' * 600_000,
        b'<row r="1"><c r="XFD1" t="inlineStr"><is><t>x</t></is></c></row>',
        b'<row r="999999999"><c r="A999999999" t="inlineStr"><is><t>x</t></is></c></row>',
    ],
)
def test_a_bomb_is_refused_in_time(data, monkeypatch):
    from subscribers.importing import limits

    monkeypatch.setattr(limits, "MOST_ROWS", 50_000)
    with pytest.raises(SheetError, match=r"unpacks|columns|rows|anything"):
        rows_of(with_part(workbook(["a"]), "xl/worksheets/sheet1.xml", SHEET % data))


@given(st.binary(max_size=3000))
@example(b"\xff\xfe" + b"\xd8" * 7)
@example(b"\xff\xfe\x00\x00" + b"\xff" * 7)
@example(b"\xef\xbb\xbf\xff\xff")
@example(b'sep="\n"')
def test_no_file_whatsoever_gives_anything_but_rows_or_a_sentence(content):
    with contextlib.suppress(SheetError):
        assert all(isinstance(cell, str) for row in rows_of(content) for cell in row)


@given(st.data())
def test_no_damaged_workbook_gives_anything_but_rows_or_a_sentence(data):
    whole = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(SheetError):
        assert all(
            isinstance(cell, str)
            for row in rows_of(bytes(whole[: data.draw(st.integers(1, len(whole)))]))
            for cell in row
        )


@example([["", "|", "\n", "|0"]])
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), min_size=1), min_size=1))
def test_what_a_csv_writer_wrote_is_read_back(rows):
    import csv

    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerows([["E-post", "Navn"], *rows])
    try:
        read = rows_of(b"\xef\xbb\xbf" + text.getvalue().encode())
    except SheetError:
        # Cells of a hundred lines, and sheets of control characters, are refused on purpose.
        return
    assert read[0] == ["E-post", "Navn"]
