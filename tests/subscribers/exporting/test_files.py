from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from subscribers.audiences import Audience
from subscribers.exporting.files import ExportError, export
from subscribers.exporting.people import Order
from subscribers.importing import running
from subscribers.importing.options import Options
from subscribers.importing.sheets import Named
from subscribers.models import CustomField, Subscriber, Suppression
from subscribers.signup import SignupError
from subscribers.spreadsheet_cells import apart, harmless, harmless_again, original
from subscribers.suppression import suppress
from tests.factories import SubscriberFactory, make_interests

NASTY = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "'=quoted", 'Næss; "Kari", AS', "'", "＝1+1"]  # full width


@pytest.fixture
def cast(db):
    make_interests()
    CustomField.objects.create(slug="company", name_nb="Bedrift", name_en="Company")
    SubscriberFactory(
        address="kari@example.no", name="=1+1", follows=("students", "businesses"), fields={"company": "+A"}
    )
    SubscriberFactory(address="ola@example.no", name="Ola Næss", language="en")
    SubscriberFactory(address="left@example.no", status="unsubscribed")
    SubscriberFactory(address="never@example.no")
    suppress("never@example.no", Suppression.Reason.COMPLAINED)


def exported(form, *, everyone=False, **audience):
    to = io.BytesIO()
    number = export(Order(Audience(**audience), everyone=everyone), form, to)
    return number, to.getvalue()


@pytest.mark.parametrize(("form", "delimiter", "mark"), [("csv", ",", b""), ("excel-csv", ";", b"\xef\xbb\xbf")])
def test_a_csv_holds_who_gets_mail_and_no_formula(cast, form, delimiter, mark):
    number, content = exported(form)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))
    assert (number, content[:3] == mark) == (2, bool(mark))
    assert rows[0] == ["address", "name", "language", "status", "interests", "joined", "source", "field:company"]
    assert rows[1][:5] == ["kari@example.no", "'=1+1", "nb", "active", "students, businesses"]
    assert rows[1][7] == "'+A"


def test_a_workbook_holds_texts_and_no_formula(cast):
    _, content = exported("xlsx")
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_is_an_array_or_a_person_a_line(cast, form):
    _, content = exported(form, everyone=True)
    people = json.loads(content) if form == "json" else [json.loads(line) for line in content.splitlines()]
    assert [p["address"] for p in people] == [
        "kari@example.no",
        "ola@example.no",
        "left@example.no",
        "never@example.no",
    ]
    assert people[0]["interests"] == ["students", "businesses"]
    assert (people[0]["fields"], people[3]["suppressed"]) == ({"company": "+A"}, True)


def test_nobody_is_still_a_whole_file(cast):
    assert json.loads(exported("json", language="en", interests=("students",), only_followers=True)[1]) == []


def test_an_audience_narrows_it(cast):
    number, content = exported("csv", language="en")
    assert number == 1
    assert b"ola@example.no" in content


def test_what_does_not_exist_is_told(cast):
    with pytest.raises(ExportError, match="no form 'pdf'"):
        exported("pdf")
    with pytest.raises(SignupError, match="reindeer"):
        exported("csv", interests=("reindeer",))


@pytest.mark.parametrize("form", ["csv", "excel-csv", "xlsx"])
def test_our_import_reads_our_export_and_protects_who_left(cast, form):
    for number, name in enumerate(NASTY):
        SubscriberFactory(address=f"nasty{number}@example.no", name=name, fields={"company": name})
    before = snapshot()
    _, content = exported(form, everyone=True)
    Subscriber.objects.all().delete()
    Suppression.objects.all().delete()
    source = Named(io.BytesIO(content), f"people.{form}")
    summary = running.run(running.begin(source, Options(), basis="Moved from our other server.").pk)
    assert summary.problem == ""
    assert snapshot() == before | {"never@example.no": ("Ola Nordmann", "nb", "unsubscribed", [], {})}


def snapshot():
    people = Subscriber.objects.prefetch_related("interests")
    return {
        p.address_key: (p.name, p.language, p.status, sorted(i.slug for i in p.interests.all()), p.fields)
        for p in people
    }


SIGNS = st.text("=+-@'＝ \t\r\n\xa0\ufeff\u200b\x0012,a", max_size=12)  # full width


@given(st.text(max_size=30) | SIGNS)
def test_a_cell_made_harmless_is_read_back_as_it_was(text):
    assert original(harmless(text)) == original(harmless_again(text)) or original(text) != text
    assert original(harmless(text)) == text
    assert original(apart(text)) == text
    for written in (harmless(text), harmless_again(text)):
        assert not written.startswith(("\t", "\r", "\n"))
        if written.strip().startswith(("=", "+", "-", "@")):
            assert re.fullmatch(r"[+-]?[0-9][0-9 .,]*", written)


@given(SIGNS)
def test_a_cell_of_a_sheet_that_goes_back_means_the_same_when_it_comes_again(cell):
    assert original(harmless_again(cell)) == original(cell)


@pytest.mark.parametrize("before", ["\n", "\r", "\t", " ", "\xa0", "\ufeff", "\u200b", " \r\n \t", "\x00"])
@pytest.mark.parametrize("sign", "=+-@＝＋－＠")  # full width
def test_blanks_before_a_sign_do_not_let_it_through(before, sign):
    text = f"{before}{sign}SUM(A1)"
    assert harmless(text) == f"'{text}"
    assert original(harmless(text)) == text


def test_a_number_is_no_formula():
    assert [harmless(text) for text in ("-12,5", "+47 900 00 000", "-1+2")] == ["-12,5", "+47 900 00 000", "'-1+2"]


def test_an_export_takes_a_few_queries_however_many_there_are(cast, django_assert_max_num_queries):
    SubscriberFactory.create_batch(30)
    with django_assert_max_num_queries(8):
        exported("csv")
