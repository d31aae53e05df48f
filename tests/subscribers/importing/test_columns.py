from __future__ import annotations

import pytest

from subscribers.importing.faults import ImportingError, SheetError
from subscribers.models import Subscriber


def status(address):
    return Subscriber.objects.get(address_key=address).status


@pytest.mark.parametrize(
    "heading",
    [
        "E-post;Fullt navn",
        "e-mail;NAME",
        "Epost-adresse:;Navn",
        "EMAIL ADDRESS;Display name",
        "Mailadresse;Kontaktperson",
    ],
)
def test_headings_are_known_in_norwegian_and_english(bring, heading):
    bring(f"{heading}\nkari@example.no;Kari Næss\n")
    assert Subscriber.objects.get().name == "Kari Næss"


@pytest.mark.parametrize(
    "text",
    [
        "kari@example.no\nola@example.no\n",
        "Kari Næss;kari@example.no\nOla Li;ola@example.no\n",
        "Hvem;Hvor\nKari Næss;kari@example.no\nOla Li;ola@example.no\n",
        "\n\nMedlemmer 2026;\n;\nE-post;Navn\nkari@example.no;Kari\nola@example.no;Ola\n",
        "\n" * 1000 + "E-post\nkari@example.no\nola@example.no\n",
    ],
)
def test_columns_are_found_without_known_headings(bring, text):
    assert bring(text).outcomes == {"added": 2}
    assert set(Subscriber.objects.values_list("address_key", flat=True)) == {"kari@example.no", "ola@example.no"}


def test_a_name_without_heading_is_known_by_what_it_looks_like(bring):
    bring("1001;kari@example.no;Kari Næss\n1002;ola@example.no;Ola Li\n")
    assert Subscriber.objects.get(address_key="ola@example.no").name == "Ola Li"


def test_a_correction_wins_by_heading_by_letter_and_by_number(bring):
    text = "Privat;E-post;Kallenavn\nkari@example.no;jobb@example.no;Kaja\n"
    bring(text, columns=(("privat", "address"), ("3", "name")))
    person = Subscriber.objects.get()
    assert (person.address, person.name) == ("kari@example.no", "Kaja")
    assert bring(text, columns=(("A", "ignore"),)).outcomes == {"added": 1}


@pytest.mark.parametrize(
    ("column", "role", "says"), [("Adr", "address", "no column 'Adr'"), ("A", "shoes", "can't hold 'shoes'")]
)
def test_a_correction_that_makes_no_sense_is_told(look, column, role, says):
    with pytest.raises(ImportingError, match=says):
        look("E-post\nkari@example.no\n", columns=((column, role),))


@pytest.mark.parametrize(
    ("text", "says"),
    [("E-post;Navn\n", "no people"), ("Navn;By\nKari;Kirkenes\n", "--column"), ("\n" * 5000, "no people")],
)
def test_a_sheet_without_people_or_addresses_is_told(look, text, says):
    with pytest.raises(SheetError, match=says):
        look(text)


EXPORTS = {
    "Mailchimp": (
        '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,UNSUB_TIME,CLEAN_TIME,LEID,EUID,NOTES,TAGS\n'
        'in@example.no,Kari,Næss,2,2020-01-01 10:00:00,,,1,a,,"""students"",""VIP"""\n'
        "out@example.no,Ola,,2,,2021-01-01 10:00:00,,2,b,,\nbounced@example.no,,,2,,,2022-01-01 10:00:00,3,c,,\n"
    ),
    "MailerLite": (
        "Subscriber,Name,Last name,Status,Subscribed\nin@example.no,Kari,Næss,Active,2020-01-01 10:00:00\n"
        "out@example.no,Ola,,Unsubscribed,2020-01-01\nbounced@example.no,,,Bounced,\n"
    ),
    "listmonk": (
        "uuid,email,name,attributes,status,created_at,updated_at\n"
        'a,in@example.no,Kari Næss,"{""city"": ""Kirkenes""}",enabled,2020,2020\nb,out@example.no,Ola,{},blocklisted,2020,2020\n'
    ),
    "Ghost": (
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n"
        "1,in@example.no,Kari Næss,,true,false,,2024,,students,\n2,out@example.no,Ola,,false,false,,2024,,,\n"
    ),
    "Make": (
        "E-post;Navn;Mobil;Påmeldt dato;Status\nin@example.no;Kari Næss;4790000000;01.01.2020;Aktiv\n"
        "out@example.no;Ola;;01.01.2020;Avmeldt\nbounced@example.no;;;;Returnert\n"
    ),
}


@pytest.mark.parametrize("system", EXPORTS)
def test_the_exports_of_other_systems_are_known_and_who_left_there_is_not_subscribed(bring, system):
    summary = bring(EXPORTS[system])
    assert (summary.system, summary.problem) == (system, "")
    assert (status("in@example.no"), status("out@example.no")) == ("active", "unsubscribed")
    assert Subscriber.objects.get(address_key="in@example.no").name == "Kari Næss"
    if "bounced@" in EXPORTS[system]:
        assert status("bounced@example.no") == "bounced"


def test_a_list_of_people_who_left_is_recorded_as_such(bring):
    assert bring("E-post\nola@example.no\n", all_are="unsubscribed").outcomes == {"recorded": 1}
    assert status("ola@example.no") == "unsubscribed"
    assert bring("E-post\nola@example.no\n").outcomes == {"left-alone": 1}
