"""The page that a person is sent: in their language, with none of our codes, and nothing fetched."""

import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.models import Delivery, Feedback
from mailer.results.person_page import export_html, words_of
from mailer.sending.materialise import make_all_rows
from subscribers import custom_fields
from subscribers.audiences import Audience
from subscribers.flags import DISPOSABLE, ROLE
from subscribers.importing import running
from subscribers.importing.options import Options
from subscribers.importing.sheets import Named
from subscribers.importing.undo import undo
from subscribers.models import AddressChange, ConsentEvent, OwedMail, Subscriber, Suppression
from subscribers.preferences import REASONS, Choices, choose
from subscribers.signup import NewSubscriber, add_subscriber
from subscribers.still_wanted import NO_PATIENCE, ask
from tests.factories import SubscriberFactory, make_interests
from tests.public.delivered import launched

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]

HOUSE = {"organisation": "SVU", "contact": "post@example.org"}


@pytest.fixture
def kari():
    """Somebody with something in every table."""
    make_interests()
    custom_fields.define("employees", name_nb="Ansatte", name_en="Employees", kind="number")
    custom_fields.define("company", name_nb="Bedrift", name_en="Company")
    person = add_subscriber(NewSubscriber("post@example.org", "Kari <b>Nordmann</b>", basis="Spurte på messa."))
    custom_fields.set_values(person.pk, {"employees": "1234"}, source="cli", by="torill")
    ask(Audience(), NO_PATIENCE)
    choose(
        person.pk,
        Choices(("students",), "en", timezone.localdate() + timedelta(days=9)),
        source="page",
        network="192.0.2.0/24",
    )
    ConsentEvent.objects.create(subscriber=person, kind="changed", source="page", detail={"reason": "too-much"})
    AddressChange.objects.create(subscriber=person, address="ny@example.org", address_key="ny@example.org")
    sheet = b"E-post;Bedrift;Spr\xc3\xa5k\npost@example.org;Kimek;norsk\nPOST@example.org;x;\n"
    kept = running.begin(
        Named(io.BytesIO(sheet), "liste.csv"), Options(merge="overwrite"), basis="De spurte på messa.", by="turid"
    )
    running.run(kept.pk)
    undo(kept.pk, by="ola")
    Subscriber.objects.update(paused_until=None, flags=[ROLE])
    make_all_rows(launched().pk)
    Delivery.objects.update(status="skipped", skip_reason="paused", finished_at=timezone.now())
    Feedback.objects.create(kind="bounce", unique_id="1", subscriber=person, source="mail", detail={"code": "5.1.1"})
    person.refresh_from_db()
    return person


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", ("alt vi har lagret om deg", "bokmål → engelsk", "alt → studenter", "Bedrift: ingenting → Kimek", "Ansatte",
                "for mye e-post", "1\xa0234", "fordi du hadde tatt pause", "Endret fra en liste", "ble tatt tilbake",
                "liste.csv, rad 2", "felles adresse",
                "Samme adresse som i rad 2.", "Ble spurt om du fortsatt vil ha brevet", "på nettsiden vår",
                "Gjort av turid", "Gjort av ola")),
        ("en", ("everything that we keep", "Norwegian bokmål → English", "everything → students", "Company: nothing → Kimek", "1,234",
                "because you had paused", "Changed from a list", "The same address as in row 2.", "a shared address")),
    ],
)  # fmt: skip
def test_it_says_everything_in_the_reader_s_language(kari, language, words):
    page = export_html(kari, **HOUSE, language=language)
    assert f'<html lang="{language}">' in page
    for word in (*words, "Spurte på messa.", "ny@example.org", "192.0.2.0/24", "5.1.1", "Kari &lt;b&gt;Nordmann"):
        assert word in page, word


@pytest.mark.parametrize("language", ["nb", "en"])
def test_it_shows_no_code_of_ours(kari, language):
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", export_html(kari, **HOUSE, language=language), flags=re.DOTALL)
    for code in (
        "students:",
        "too-much",
        "still-wanted",
        "one-click",
        "left-alone",
        "employees",
        "company",
        "{",
        "}",
        "None",
        "True",
        "\x1f",
        "cli",
    ):
        assert code not in text, code


def test_norwegian_has_no_english_in_it(kari):
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", export_html(kari, **HOUSE, language="nb"), flags=re.DOTALL)
    assert not re.search(r"(?i)\b(the|was|has|and|from|with|your|changed|added|skipped|everything|row|import)\b", text)


def test_it_asks_nothing_of_anyone(kari):
    page = export_html(kari, **HOUSE)
    assert not re.search(r"(?i)<script|<link|<img|<iframe|src=|url\(|@import|https?:", page)


@pytest.mark.parametrize("language", ["nb", "en"])
def test_whatever_the_database_can_keep_has_words(language):
    words = words_of(language)
    kept = {
        "status": Subscriber.Status.values,
        "languages": Subscriber.Language.values,
        "consent": ConsentEvent.Kind.values,
        "delivery": Delivery.Status.values,
        "mail": OwedMail.Kind.values,
        "outcome": OwedMail.Outcome.values,
        "feedback": Feedback.Kind.values,
        "suppressed": Suppression.Reason.values,
        "reasons": REASONS,
        "flags": (ROLE, DISPOSABLE),
    }
    for table, codes in kept.items():
        assert set(codes) == set(words[table]), table
    other = words_of("en" if language == "nb" else "nb")
    assert {name: set(table) for name, table in words.items()} == {name: set(table) for name, table in other.items()}


def test_somebody_of_whom_little_is_known_has_a_whole_page():
    page = export_html(Subscriber.objects.get(pk=SubscriberFactory(name="", source="").pk), **HOUSE)
    assert "ikke oppgitt" in page
    assert "Ingen." in page
