from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers import custom_fields
from subscribers.audiences import Audience, count, sample
from subscribers.field_conditions import read_condition
from subscribers.field_values import FieldError, read_value, values_for_letter
from subscribers.models import ConsentEvent, CustomField, Subscriber
from subscribers.saved_audiences import save
from tests.factories import SubscriberFactory

NUMBER, DATE, TEXT = (CustomField(slug="a", kind=kind) for kind in ("number", "date", "text"))
TOWN = CustomField(slug="town", kind="choice", choices=["Vadsø", "Vardø"])


@pytest.fixture
def fields(db):
    custom_fields.define("company", name_nb="firma", name_en="company")
    custom_fields.define("employees", name_nb="ansatte", name_en="employees", kind="number")
    custom_fields.define("since", name_nb="medlem siden", name_en="member since", kind="date")
    custom_fields.define("town", name_nb="sted", name_en="town", kind="choice", choices=("Vadsø", "Vardø"))


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (NUMBER, "1\u00a0234,5", 1234.5),
        (NUMBER, "1.234,50", 1234.5),
        (NUMBER, "−12", -12),
        (NUMBER, "3.0", 3),
        (DATE, "31.12.2026", "2026-12-31"),
        (DATE, " 2026-12-31 ", "2026-12-31"),
        (TOWN, "VADSØ", "Vadsø"),
        (TEXT, " Kimek\n AS ", "Kimek AS"),
    ],
)
def test_values_are_read_as_norwegians_write_them(field, text, value):
    assert read_value(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (NUMBER, "many"),
        (NUMBER, "NaN"),
        (NUMBER, "1e999"),
        (DATE, "31.02.2026"),
        (TOWN, "Oslo"),
        (TEXT, "x" * 501),
        (TEXT, " "),
    ],
)
def test_what_a_field_can_not_have_is_refused(field, text):
    with pytest.raises(FieldError):
        read_value(field, text)


@given(st.text())
def test_any_text_is_a_value_or_a_fault_that_people_understand(text):
    readers = (read_condition, *(partial(read_value, field) for field in (NUMBER, DATE, TEXT, TOWN)))
    faults = [fault for read in readers if (fault := fault_of(read, text))]
    assert all(fault.endswith((".", "?", "!")) for fault in faults), faults


def fault_of(read, text):
    try:
        read(text)
    except FieldError as fault:
        return str(fault)
    return ""


@given(st.floats(min_value=-1e12, max_value=1e12, allow_nan=False).map(lambda number: round(number, 2)))
def test_what_a_letter_says_of_a_number_is_read_as_the_same_number(number):
    said = values_for_letter({"a": number}, language="nb", known={"a": NUMBER})["a"]
    assert read_value(NUMBER, said) == pytest.approx(number)


def test_letters_say_values_in_their_language_and_nothing_for_what_is_missing():
    known = {"a": NUMBER, "d": DATE, "t": TEXT, "gone": DATE}
    values: dict[str, str | float] = {
        "a": 1234.5,
        "d": "2026-12-31",
        "t": "Kimek",
        "gone": "when pigs fly",
        "unknown": 1,
    }
    nb = values_for_letter(values, language="nb", known=known)
    assert nb == {"a": "1\u00a0234,5", "d": "31. desember 2026", "t": "Kimek", "gone": ""}
    assert values_for_letter(values, language="en", known=known)["d"] == "31 December 2026"


def give(name, **texts):
    person = SubscriberFactory(address=f"{name}@example.org")
    custom_fields.set_values(person.pk, texts, source="cli")


@pytest.mark.parametrize(
    ("condition", "who"),
    [
        ("company=kimek", ["kari"]),
        ("employees>10", ["ola"]),
        ("employees<=10", ["kari"]),
        ("employees=9..12", ["kari", "ola"]),
        ("since>2020-01-01", ["ola"]),
        ("since=01.01.2019..31.12.2019", ["kari"]),
        ("town=Vadsø|Vardø", ["kari", "marit"]),
        ("employees=9|12", ["kari", "ola"]),
    ],
)
def test_audiences_ask_for_fields(fields, condition, who):
    give("kari", company="Kimek", employees="9", since="2019-05-17", town="vadsø")
    give("ola", company="Barel", employees="12", since="17.05.2021")
    give("marit", town="Vardø")
    # What no door lets in: a value of another kind must not break the question.
    SubscriberFactory(address="odd@example.org", fields={"employees": "a dozen", "since": 3, "town": None})
    found = sample(Audience(fields=(read_condition(condition),)))
    assert [person.address.partition("@")[0] for person in found] == who


@pytest.mark.parametrize(
    "condition", ["company>A", "employees=many", "shoe-size=43", "town=Oslo", "nonsense", "since=1..2"]
)
def test_a_condition_that_makes_no_sense_is_refused(fields, condition):
    with pytest.raises(FieldError):
        count(Audience(fields=(read_condition(condition),)))


def test_the_log_says_which_fields_were_changed_and_not_to_what(fields):
    give("kari", company="Kimek")
    person = Subscriber.objects.get()
    custom_fields.set_values(person.pk, {"company": "Kimek", "employees": ""}, source="cli")
    custom_fields.set_values(person.pk, {"company": " "}, source="cli")
    logged = list(ConsentEvent.objects.values_list("kind", "detail"))
    assert logged == [("changed", {"fields": ["company"]})] * 2
    assert Subscriber.objects.get().fields == {}


def test_a_choice_that_people_have_and_a_field_that_is_asked_for_stay(fields):
    give("kari", town="Vadsø")
    with pytest.raises(FieldError, match="1 have 'Vadsø'"):
        custom_fields.change("town", choices=("Vardø",))
    assert custom_fields.change("town", choices=("Vadsø", "Bugøynes")).choices == ["Vadsø", "Bugøynes"]
    save("Fishers", Audience(fields=(read_condition("town=Vadsø"),)))
    with pytest.raises(FieldError, match="'fishers' asks for"):
        custom_fields.remove("town")
    assert custom_fields.remove("company") == 0


def test_with_a_field_go_its_values(fields):
    give("kari", company="Kimek", employees="9")
    assert [(field.slug, number) for field, number in custom_fields.in_use()][:2] == [("company", 1), ("employees", 1)]
    assert custom_fields.remove("company") == 1
    assert Subscriber.objects.get().fields == {"employees": 9}


@pytest.mark.parametrize(
    ("slug", "kind", "choices"),
    [("name", "text", ()), ("Å", "text", ()), ("a", "choice", ()), ("a", "text", ("x",)), ("town", "text", ())],
)
def test_a_field_that_can_not_be_is_refused(fields, slug, kind, choices):
    with pytest.raises(FieldError):
        custom_fields.define(slug, name_nb="a", name_en="a", kind=kind, choices=choices)
