from dataclasses import replace

import pytest
from django.db import connection

from subscribers import listing
from subscribers.listing import Listing, list_page
from subscribers.signup import SignupError
from tests.factories import SubscriberFactory

pytestmark = pytest.mark.django_db

NAMES = ("Åse", "Ærlig", "Øystein", "Zita", "Anne", "anne", "", "Ola", "", "Élise")


@pytest.fixture
def people():
    return [SubscriberFactory(address=f"p{number}@example.org", name=name) for number, name in enumerate(NAMES)]


def names(**asked):
    return [person.name for person in list_page(Listing(**asked)).people]


def test_names_stand_in_the_order_of_the_norwegian_alphabet_and_the_nameless_last(people):
    assert names(sort="name") == ["Anne", "anne", "Élise", "Ola", "Zita", "Ærlig", "Øystein", "Åse", "", ""]


@pytest.mark.parametrize("sort", listing.SORTS)
@pytest.mark.parametrize("limit", [1, 3, 10])
def test_turning_pages_shows_everyone_once_in_the_same_order(people, sort, limit):
    whole = [person.pk for person in list_page(Listing(sort=sort, limit=100)).people]
    turned, page, asked = [], None, Listing(sort=sort, limit=limit)
    while page is None or page.next:
        page = list_page(asked)
        turned += [person.pk for person in page.people]
        asked = replace(asked, after=page.next)
    assert turned == whole
    assert len(whole) == len(people)


def test_a_search_is_the_beginning_of_a_name_or_an_address(people):
    assert names(search="ÅS") == ["Åse"]
    assert sorted(names(search="p9")) == ["Élise"]
    assert names(search="el", sort="name") == ["Élise"]
    assert names(search="%") == names(search="_") == names(search="\\") == []


def test_filters_narrow_the_page_and_the_total(people):
    SubscriberFactory(address="q@nord.no", follows=("students",), status="bounced", source="import")
    for asked in ({"status": "bounced"}, {"domain": "NORD.no"}, {"source": "import"}, {"interests": ("students",)}):
        page = list_page(Listing(**asked))
        assert ([person.address for person in page.people], page.total, page.is_exact) == (["q@nord.no"], 1, True)


def test_the_erased_are_listed_only_when_they_are_asked_for(people):
    SubscriberFactory(status="erased")
    assert list_page(Listing()).total == len(people)
    assert list_page(Listing(status="erased")).total == 1


def test_a_total_that_takes_too_long_is_reckoned_and_the_page_is_whole_all_the_same(people, monkeypatch):
    monkeypatch.setattr(listing, "IN_TIME_MS", 1)
    slow: listing.Test = ("pg_sleep(0.02) IS NOT NULL", {})
    assert listing._in_time("SELECT pg_sleep(0.02)", {}) is None
    total, is_exact = listing._total([slow])
    assert (total > 0, is_exact) == (True, False)
    assert len(listing._ids([slow], Listing())) == len(people)


def test_the_limit_on_time_is_gone_afterwards(people):
    list_page(Listing())
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.parametrize(
    ("asked", "says"),
    [({"status": "asleep"}, "no status"), ({"sort": "age"}, "can't be sorted"), ({"after": 2**60}, "is gone")],
)
def test_what_can_not_be_listed_is_refused(asked, says):
    with pytest.raises(SignupError, match=says):
        list_page(Listing(**asked))
