from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from subscribers import custom_fields
from subscribers.history import history
from subscribers.importing.faults import ImportingError
from subscribers.importing.report import write_report
from subscribers.importing.undo import undo
from subscribers.models import ConsentEvent, Import, ImportRow, Interest, Subscriber
from subscribers.preferences import unsubscribe
from tests.factories import SubscriberFactory
from tests.subscribers.importing.workbooks import workbook

pytestmark = pytest.mark.django_db


def keys():
    return set(Subscriber.objects.values_list("address_key", flat=True))


def test_whom_an_import_added_goes_and_who_has_acted_since_is_kept_and_told(bring):
    SubscriberFactory(address="before@example.no")
    number = bring("E-post;Interesser\nkari@example.no;studenter\nola@example.no;\nbefore@example.no;\n").import_id
    unsubscribe(Subscriber.objects.get(address_key="ola@example.no").pk, source="page")
    done = undo(number)
    assert (done.removed, done.restored, done.kept) == (1, 0, 1)
    assert keys() == {"before@example.no", "ola@example.no"}
    assert Import.objects.get().rows.get(number=3).reason == "kept-acted"
    with pytest.raises(ImportingError, match="undone"):
        undo(number)


def test_who_was_mailed_since_is_kept(bring):
    """A table of another app that points to the person: here the feedback of the mailer."""
    from mailer.models import Feedback

    number = bring("E-post\nkari@example.no\nola@example.no\n").import_id
    kari = Subscriber.objects.get(address_key="kari@example.no")
    Feedback.objects.create(subscriber=kari, kind=Feedback.Kind.values[0])
    assert undo(number).kept == 1
    assert keys() == {"kari@example.no"}


def test_what_an_import_changed_comes_back_where_nobody_changed_it_since(bring):
    kari = SubscriberFactory(address="kari@example.no", follows=("students",), fields={"a": 1})
    ola = SubscriberFactory(address="ola@example.no", follows=("students",))
    text = "E-post;Navn;Interesser\nkari@example.no;Kari;businesses\nola@example.no;Ny;businesses\n"
    number = bring(text, merge="overwrite").import_id
    Subscriber.objects.filter(pk=ola.pk).update(name="Ola selv")
    done = undo(number)
    assert (done.removed, done.restored, done.kept) == (0, 1, 1)
    kari.refresh_from_db()
    ola.refresh_from_db()
    assert (kari.name, kari.fields, ola.name) == ("Ola Nordmann", {"a": 1}, "Ola selv")
    assert kari.interest_ids == [Interest.objects.get(slug="students").pk]
    assert ola.interest_ids == [Interest.objects.get(slug="businesses").pk]
    assert ConsentEvent.objects.filter(subscriber=kari, detail__undone=True).count() == 1


def test_who_left_by_an_import_is_active_again(bring):
    SubscriberFactory(address="kari@example.no", source="import")
    number = bring("E-post\nkari@example.no\n", all_are="unsubscribed").import_id
    undo(number)
    assert Subscriber.objects.get().status == "active"


def test_the_same_sheet_comes_back_with_a_column_of_reasons(bring):
    text = "\nE-post;Navn\nkari@example.no;=2+3\nola@;Ola\n\nKARI@example.no;Kari\n"
    to = io.BytesIO()
    assert write_report(bring(text.encode("windows-1252"), good_rows_only=True).import_id, to, "en") == "csv"
    rows = list(csv.reader(io.StringIO(to.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["E-post", "Navn", "Import"]
    assert rows[2] == ["kari@example.no", "'=2+3", "added"]
    assert rows[3][2].startswith("rejected: 'ola@' is not an e-mail address")
    assert rows[5][2] == "duplicate: The same address as in row 3."
    assert len(rows) == 6


def test_a_workbook_comes_back_as_a_workbook_and_calculates_nothing(bring):
    to = io.BytesIO()
    content = workbook(["E-post", "Navn"], ["kari@example.no", "'=1"], ["ola", "=cmd"])
    assert write_report(bring(content, good_rows_only=True).import_id, to, "en") == "xlsx"
    rows = list(load_workbook(to).worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("E-post", "Navn", "Import")
    assert rows[1][2] == "added"
    assert str(rows[2][2]).startswith("rejected")


def column(number, language):
    to = io.BytesIO()
    write_report(number, to, language)
    return [row[-1] for row in csv.reader(io.StringIO(to.getvalue().decode("utf-8-sig")), delimiter=";")][1:]


SHEET = "E-post;Navn\nkari@example.no;Kari\nola@;Ola\nKARI@example.no;Kari\n"


def test_what_is_stored_is_a_code_and_what_is_read_is_norwegian_or_english(bring):
    number = bring(SHEET, good_rows_only=True).import_id
    assert Import.objects.get().rows.get(number=3).reason == "address-after\x1fola@"
    assert column(number, "nb") == [
        "lagt til",
        "avvist: «ola@» er ingen e-postadresse: det står ingenting etter @.",
        "dobbel: Samme adresse som i rad 2.",
    ]
    assert column(number, "en")[1] == "rejected: 'ola@' is not an e-mail address: there is nothing after the @."


def test_an_import_that_was_not_done_or_was_undone_claims_nothing(bring):
    assert column(bring(SHEET).import_id, "nb")[0] == "ikke lagt til, fordi importen ikke ble gjort"
    number = bring(SHEET, good_rows_only=True).import_id
    undo(number)
    assert column(number, "nb")[0] == "lagt til, og fjernet igjen da importen ble angret"


def told(person):
    return [(row.what, row.detail, row.by) for row in history(person)]


def test_a_history_tells_what_an_import_changed_from_which_file_and_by_whom_and_that_it_was_undone(
    bring, django_assert_max_num_queries
):
    custom_fields.define("company", name_nb="Bedrift", name_en="Company")
    kari = SubscriberFactory(address="kari@example.no", name="Kari", follows=("students",), fields={"company": "A"})
    text = "E-post;Navn;Interesser;Språk;Bedrift\nkari@example.no;Kari N;businesses;engelsk;B\n"
    number = bring(text, merge="overwrite").import_id
    undo(number, by="ola")
    place = f"people.csv, row 2, import {number}"
    with django_assert_max_num_queries(4):
        changed, back = told(kari)
    assert changed[0] == "Was changed by an import"
    assert changed[1].startswith(f"{place}; ")
    assert set(changed[1].split("; ")) > {
        "name: Kari → Kari N",
        "language: nb → en",
        "interests: students → businesses",
        "company: A → B",
    }
    assert (changed[2], back[2]) == ("Turid", "ola")
    assert back[0] == "Got back what they had, as an import was undone"
    assert set(back[1].split("; ")) == {
        place,
        "name: Kari N → Kari",
        "language: en → nb",
        "interests: businesses → students",
        "company: B → A",
    }


def test_when_the_sheet_is_forgotten_the_log_still_knows_what_was_changed(bring):
    kari = SubscriberFactory(address="kari@example.no", name="Kari", fields={})
    custom_fields.define("company", name_nb="Bedrift", name_en="Company")
    text = "E-post;Navn;Interesser;Bedrift\nkari@example.no;Kari N;businesses;B\n"
    number = bring(text, merge="overwrite").import_id
    ImportRow.objects.update(before=None, after=None)
    ((what, detail, _by),) = told(kari)
    assert what == "Was changed by an import"
    assert {f"people.csv, row 2, import {number}", "fields: company, name", "interests: everything → businesses"} < set(
        detail.split("; ")
    )
    assert "Kari N" not in str(ConsentEvent.objects.values_list("detail", flat=True))


def test_a_history_tells_who_left_or_came_by_an_import(bring):
    kari = SubscriberFactory(address="kari@example.no", source="import")
    number = bring("E-post\nkari@example.no\nola@example.no\n", all_are="unsubscribed").import_id
    ((what, detail, _by),) = told(kari)
    assert what == "Left the list"
    assert "status: active → unsubscribed" in detail
    undo(number)
    assert "status: unsubscribed → active" in told(kari)[1][1]
    later = bring("E-post\nnew@example.no\n")
    ((what, detail, _by),) = told(Subscriber.objects.get(address_key="new@example.no"))
    assert (what, detail.split("; ")[0]) == ("Was put onto the list", f"people.csv, row 2, import {later.import_id}")
