"""What becomes of people. Rules of FIELD.md 13: who left stays gone, each row has its reason, no rows is no success."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscribers.addresses import normalise
from subscribers.importing import running
from subscribers.importing.faults import ImportingError
from subscribers.models import ConsentEvent, CustomField, Import, ImportRow, Subscriber, Suppression
from subscribers.suppression import suppress
from tests.factories import SubscriberFactory
from tests.subscribers.importing.conftest import BASIS
from tests.subscribers.importing.workbooks import workbook

pytestmark = pytest.mark.django_db


def person(key):
    return Subscriber.objects.get(address_key=key)


def follows(key):
    return sorted(person(key).interests.values_list("slug", flat=True))


def test_a_norwegian_sheet_works_as_it_comes(bring):
    CustomField.objects.create(slug="company", name_nb="Bedrift", name_en="Company")
    CustomField.objects.create(slug="staff", name_nb="Ansatte", name_en="Staff", kind="number")
    text = (
        "E-post;Fornavn;Etternavn;Målform;Studenter;Gründere;Bedrift;Ansatte\r\n"
        "Kari@Bjørnevatn.no ;Kari;Næss;Bokmål;Ja;Nei;Fjord & Fjell AS;1\u00a0234\r\n"
        " ola@example.no\u00a0;Ola;;English;;x;;\r\n"
    )
    assert bring(text.encode("windows-1252")).outcomes == {"added": 2}
    kari = person(normalise("kari@bjørnevatn.no").key)
    assert kari.address.startswith("Kari@xn--")
    assert (kari.name, kari.language) == ("Kari Næss", "nb")
    assert kari.fields == {"company": "Fjord & Fjell AS", "staff": 1234}
    assert (kari.status, kari.source, follows(kari.address_key)) == ("active", "import", ["students"])
    assert (person("ola@example.no").language, follows("ola@example.no")) == ("en", ["entrepreneurs"])


def test_the_interests_that_the_database_keeps_are_those_followed(bring):
    bring("E-post;Interesser\nkari@example.no;næringslivet, students\n")
    kari = person("kari@example.no")
    assert kari.interest_ids == sorted(kari.interests.values_list("pk", flat=True)) != []


def test_consent_is_proven_for_each_person(bring):
    summary = bring("E-post\nkari@example.no\nola@example.no\n")
    event = ConsentEvent.objects.get(subscriber=person("ola@example.no"))
    assert (event.kind, event.source, event.basis, event.by) == ("added", "import", BASIS, "Turid")
    assert event.detail == {"import": summary.import_id, "row": 3}
    assert event.version


@pytest.mark.parametrize("basis", ["", "   ", "ja"])
def test_without_a_basis_nothing_is_begun(sheet, basis):
    with pytest.raises(ImportingError, match="asked for the letter"):
        running.begin(sheet("E-post\nkari@example.no\n"), running.Options(), basis=basis)
    assert not Import.objects.exists()


@pytest.mark.parametrize("status", ["unsubscribed", "bounced", "complained", "pending", "erased"])
@pytest.mark.parametrize("merge", ["keep", "overwrite", "add-interests"])
def test_nobody_comes_back_by_an_import(bring, status, merge):
    SubscriberFactory(address="kari@example.no", status=status)
    summary = bring("E-post;Navn;Interesser\nKARI@example.no;Annen;studenter\n", merge=merge)
    kari = person("kari@example.no")
    assert (kari.status, kari.name, list(kari.interests.all())) == (status, "Ola Nordmann", [])
    assert summary.outcomes == {"left-alone": 1}
    assert "Nobody was imported" in summary.problem


def test_an_erased_address_is_known_by_its_hash_alone(bring):
    suppress("kari@example.no", Suppression.Reason.ERASED)
    assert bring("E-post\nKari@Example.no\nola@example.no\n").outcomes == {"added": 1, "left-alone": 1}
    assert not Subscriber.objects.filter(address_key="kari@example.no").exists()


def test_of_two_spellings_the_first_wins_and_the_other_is_told(bring):
    summary = bring("E-post;Navn\nKari@example.no;Kari\n kari@EXAMPLE.no;Annen\n")
    assert summary.outcomes == {"added": 1, "duplicate": 1}
    assert [(t.number, t.reason) for t in summary.told] == [(3, "The same address as in row 2.")]
    assert person("kari@example.no").name == "Kari"


def test_of_two_rows_the_one_that_says_they_left_wins(bring):
    bring("E-post;Status\nkari@example.no;subscribed\nkari@example.no;unsubscribed\nola@example.no;active\n")
    assert person("kari@example.no").status == "unsubscribed"


def test_it_is_all_or_nothing_unless_good_rows_are_asked_for(bring):
    text = (
        "E-post;Navn\nkari@example.no;Kari\nola at example.no;Ola\n;Per\na@b@c.no;\n1@[127.0.0.1];\n"
        + "x" * 320
        + "@a.no;\n"
    )
    refused = bring(text)
    assert "5 rows can't be read" in refused.problem
    assert not Subscriber.objects.exists()
    assert ImportRow.objects.filter(of=refused.import_id, outcome="rejected").exclude(reason="").count() == 5
    assert bring(text, good_rows_only=True).outcomes == {"added": 1, "rejected": 5}


def test_a_name_with_html_stays_text(bring):
    bring('E-post;Navn\nkari@example.no;"<script>alert(1)</script> \x1b[31m{{ name }}\\N"\n')
    assert person("kari@example.no").name == "<script>alert(1)</script> [31m{{ name }}\\N"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("kari@example.no;Næss, Kari;x", "more cells"),
        ('kari@example.no;"Kari\nola@example.no;Ola"', "several lines"),
        ("kari@example.no, ola@example.no;Kari", "more than one address"),
        ("kari@example;Kari", "period"),
    ],
)
def test_a_row_that_does_not_fit_is_rejected_with_its_reason(look, row, reason):
    summary = look(f"E-post;Navn\nper@example.no;Per\nanne@example.no;Anne\n{row}\n")
    assert summary.outcomes == {"added": 2, "rejected": 1}
    assert reason in summary.told[0].reason
    assert not Subscriber.objects.exists()


def test_what_is_odd_is_told_and_imported_all_the_same(bring):
    summary = bring("E-post;Språk;Interesser\npost@gmaill.com;fransk;VIP\n")
    assert "did you mean post@gmail.com" in summary.told[0].reason
    assert "fransk" in summary.told[0].reason
    assert "VIP" in summary.told[0].reason
    assert person("post@gmaill.com").flags == ["role"]


@pytest.mark.parametrize(
    ("merge", "name", "interests", "outcome"),
    [
        ("keep", "Ola Nordmann", ["students"], "unchanged"),
        ("overwrite", "Kari", ["businesses"], "changed"),
        ("add-interests", "Ola Nordmann", ["businesses", "students"], "changed"),
    ],
)
def test_people_on_the_list_are_merged_as_chosen(bring, merge, name, interests, outcome):
    SubscriberFactory(address="kari@example.no", follows=("students",))
    summary = bring("E-post;Navn;Interesser\nkari@example.no;Kari;businesses\n", merge=merge)
    kari = person("kari@example.no")
    assert (kari.name, follows(kari.address_key), summary.outcomes) == (name, interests, {outcome: 1})
    assert kari.interest_ids == sorted(kari.interests.values_list("pk", flat=True))


def test_who_gets_everything_is_not_narrowed_by_adding_interests(bring):
    SubscriberFactory(address="kari@example.no")
    bring("E-post;Interesser\nkari@example.no;studenter\n", merge="add-interests")
    assert follows("kari@example.no") == []


def test_who_left_elsewhere_leaves_here_unless_they_came_by_themselves(bring):
    SubscriberFactory(address="kari@example.no", source="import")
    SubscriberFactory(address="ola@example.no", source="page")
    summary = bring("E-post;Status\nkari@example.no;avmeldt\nola@example.no;avmeldt\n")
    assert (person("kari@example.no").status, person("ola@example.no").status) == ("unsubscribed", "active")
    assert summary.outcomes == {"changed": 1, "left-alone": 1}
    assert ConsentEvent.objects.get(subscriber=person("kari@example.no")).kind == "withdrawn"


def test_who_signs_up_while_an_import_runs_is_left_as_they_are(bring, monkeypatch):
    """Between the plan and the writing: here at the first statement of the writing."""
    from subscribers.importing import merging

    plain = merging._add

    def meanwhile(values, cursor):
        SubscriberFactory(address="kari@example.no", status="pending")
        plain(values, cursor)

    monkeypatch.setattr(merging, "_add", meanwhile)
    summary = bring("E-post;Interesser\nkari@example.no;students\nola@example.no;students\n")
    assert summary.outcomes == {"added": 1, "left-alone": 1}
    assert (person("kari@example.no").status, follows("kari@example.no")) == ("pending", [])
    assert follows("ola@example.no") == ["students"]


def test_an_import_is_never_done_twice(bring):
    summary = bring("E-post\nkari@example.no\n")
    with pytest.raises(ImportingError, match="done already"):
        running.run(summary.import_id)


def test_a_dry_run_tells_what_a_run_does_and_leaves_nothing(look, bring):
    text = "E-post;Navn\nkari@example.no;Kari\nKARI@example.no;\nola@;Ola\n"
    told = look(text, good_rows_only=True)
    assert not Subscriber.objects.exists()
    assert not Import.objects.exists()
    assert told.outcomes == bring(text, good_rows_only=True).outcomes


def test_an_unreadable_sheet_ends_as_failed_with_its_sentence(bring):
    summary = bring(b"%PDF-1.7")
    assert "is a PDF" in summary.problem
    assert Import.objects.get().status == "failed"


def test_a_workbook_is_imported(bring):
    assert bring(workbook(["E-post", "Studenter"], ["kari@example.no", True]), "folk.xlsx").outcomes == {"added": 1}
    assert follows("kari@example.no") == ["students"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(lambda t: f"E-post;Navn;Status\na@b.no;{t}\n".encode(errors="replace")),
    )
)
def test_no_file_whatsoever_gives_anything_but_a_summary_or_a_sentence(look, content):
    with contextlib.suppress(ImportingError):
        assert look(content).sheet.startswith("CSV")
