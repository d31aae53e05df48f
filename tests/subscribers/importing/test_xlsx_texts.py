"""The table of texts is read as openpyxl itself reads it, in less memory."""

from __future__ import annotations

import io
import tracemalloc
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.reader.strings import read_string_table

from subscribers.importing.xlsx_texts import Texts, read_texts

_OPEN = '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'

# What XML 1.0 can hold; a carriage return becomes a line feed in any parser.
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n"), max_size=12)
plain = words.map(lambda text: f"<t>{escape(text)}</t>")
run = words.map(lambda text: f'<r><rPr><b/><sz val="11"/></rPr><t xml:space="preserve">{escape(text)}</t></r>')
phonetic = words.map(lambda text: f'<rPh sb="0" eb="1"><t>{escape(text)}</t></rPh><phoneticPr fontId="1"/>')
item = st.one_of(plain, st.lists(run, max_size=3).map("".join), st.tuples(plain, phonetic).map("".join))


def table(items: list[str]) -> io.BytesIO:
    return io.BytesIO((_OPEN + "".join(f"<si>{item}</si>" for item in items) + "</sst>").encode())


@given(st.lists(item | st.just("<t>line_x005F_x000D_</t>"), max_size=6))
def test_plain_and_formatted_texts_are_what_openpyxl_makes_of_them(items):
    texts = read_texts(table(items))
    assert [texts[number] for number in range(len(texts))] == read_string_table(table(items))


def test_how_a_text_is_said_is_not_part_of_it():
    assert read_texts(table(["<t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh>"]))[0] == "東京"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_each_text_is_found_by_its_number_and_no_other_is(given_texts):
    texts = Texts()
    for text in given_texts:
        texts.append(text)
    assert [texts[number] for number in range(len(texts))] == given_texts
    for number in (-1, len(given_texts)):
        with pytest.raises(IndexError):
            texts[number]


def test_a_torn_table_is_an_error():
    with pytest.raises(ParseError):
        read_texts(io.BytesIO(table(["<t>a</t>"] * 3).getvalue()[:-10]))


def test_a_text_takes_little_more_memory_than_its_letters():
    source = table([f"<t>reader{number}@example.no</t>" for number in range(20_000)])
    tracemalloc.start()
    texts = read_texts(source)
    used, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(texts) == 20_000
    assert used < 20_000 * 45
    assert most < 20_000 * 80
