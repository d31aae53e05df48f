"""What was exported is imported again, whatever the organisation calls its own fields."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import custom_fields
from subscribers.audiences import Audience
from subscribers.exporting.files import export, headings
from subscribers.exporting.people import Order
from subscribers.importing import running
from subscribers.importing.columns import Known, recognise
from subscribers.importing.headings import languages, roles, systems
from subscribers.importing.options import Options
from subscribers.importing.sheets import Named
from subscribers.models import CustomField, Interest, Subscriber
from tests.factories import SubscriberFactory, make_interests

BUILT_IN = headings([])
WORDS = sorted(
    {*roles(), *languages(), *BUILT_IN, "e-post", "students", "Studenter"}
    | {heading for system in systems() for heading in (*system.marks, *system.columns, *system.left)}
)
NAMES = st.sampled_from(WORDS) | st.sampled_from(WORDS).map(str.title) | st.text(min_size=1, max_size=60)
SLUGS = st.from_regex(r"[a-z][a-z0-9-]{0,39}", fullmatch=True)
LIKE_OURS = st.sampled_from([word for word in WORDS if word.isascii() and word.isalnum() and word[0].isalpha()])
FIELDS = st.dictionaries(SLUGS | LIKE_OURS.map(str.lower), st.tuples(NAMES, NAMES), max_size=8)


@given(FIELDS, NAMES)
def test_every_column_of_our_export_is_known_again_whatever_fields_and_interests_are_called(fields, interest):
    known = Known(
        interests={"students": Interest(slug="students", name_nb=interest, name_en=interest)},
        fields={slug: CustomField(slug=slug, name_nb=nb, name_en=en) for slug, (nb, en) in fields.items()},
    )
    head = headings(fields)
    sheet = [(1, head), (2, ["kari@example.no", "Kari", "nb", "active", "students", "2026-11-01", "page"])]
    found = recognise(sheet, (), known, "people.csv")
    assert [found.roles.get(place) for place in range(len(BUILT_IN))] == [*BUILT_IN[:5], "ignore", "ignore"]
    assert [found.roles.get(place) for place in range(len(BUILT_IN), len(head))] == [f"field:{slug}" for slug in fields]
    assert not found.left


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "excel-csv", "xlsx"])
def test_values_come_back_into_the_fields_that_they_were_in(form):
    make_interests()
    texts = {
        "joined": "Name",
        "source-1": "Status",
        "subscribed": "E-post",
        "subscriber": "Address",
        "navn": "Interests",
    }
    texts |= {"leid": "students", "euid": "Språk", "a-b": "ab", "ab": "a b"}
    for slug, name in texts.items():
        custom_fields.define(slug, name_nb=name, name_en=name)
    custom_fields.define("number", name_nb="language", name_en="source", kind="number")
    values = {slug: f"what {slug} has" for slug in texts} | {"number": -12.5}
    SubscriberFactory(address="kari@example.no", name="Kari", language="en", follows=("students",), fields=values)
    to = io.BytesIO()
    export(Order(Audience()), form, to)
    Subscriber.objects.all().delete()
    kept = running.begin(Named(to, f"people.{form}"), Options(), basis="Moved from our other server.")
    assert running.run(kept.pk).problem == ""
    person = Subscriber.objects.get()
    assert (person.name, person.language, person.fields) == ("Kari", "en", values)
    assert [interest.slug for interest in person.interests.all()] == ["students"]


@pytest.mark.django_db
def test_a_field_that_is_called_like_the_address_does_not_take_its_column():
    custom_fields.define("second", name_nb="E-post", name_en="E-mail")
    found = recognise([(1, ["E-post", "Navn"]), (2, ["kari@example.no", "Kari"])], (), Known.now(), "x")
    assert found.roles == {0: "address", 1: "name"}
    twice = recognise([(1, ["E-post", "E-mail"]), (2, ["kari@example.no", "privat@x.no"])], (), Known.now(), "x")
    assert twice.roles == {0: "address", 1: "field:second"}
