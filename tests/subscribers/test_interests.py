import pytest

from subscribers.interests import MOST, add, change, followers, overlap
from subscribers.models import Interest
from subscribers.signup import SignupError
from tests.factories import SubscriberFactory, make_interests

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people():
    make_interests()
    SubscriberFactory.create_batch(2, follows=("students", "businesses"))
    SubscriberFactory(follows=("students",))
    SubscriberFactory(follows=("students", "entrepreneurs"), status="unsubscribed")
    SubscriberFactory()


def test_overlap_tells_how_many_active_people_follow_both(django_assert_num_queries):
    with django_assert_num_queries(1):
        numbers = {(row.interest, row.other): row.people for row in overlap()}
    assert len(numbers) == 9
    assert numbers["students", "businesses"] == numbers["businesses", "students"] == 2
    assert numbers["students", "students"] == 3
    assert numbers["students", "entrepreneurs"] == numbers["entrepreneurs", "entrepreneurs"] == 0


def test_followers_are_the_active_ones():
    assert [(interest.slug, number) for interest, number in followers()] == [
        ("students", 3),
        ("entrepreneurs", 0),
        ("businesses", 2),
    ]


def test_who_follows_every_interest_there_can_be_fits_into_the_index():
    for number in range(MOST - 3):
        add(f"interest-{number}", name_nb="a", name_en="a")
    with pytest.raises(SignupError, match="already"):
        add("one-more", name_nb="a", name_en="a")
    SubscriberFactory(follows=tuple(Interest.objects.values_list("slug", flat=True)))
    assert min(number for _interest, number in followers()) == 1


def test_an_interest_says_what_it_is_about_in_both_languages_and_keeps_its_slug():
    add("herders", name_nb="reindriften", name_en="herders", description_nb="Beite\nog vei", description_en="Grazing")
    assert Interest.objects.get(slug="herders").descriptions == {"nb": "Beite og vei", "en": "Grazing"}
    changed = change("herders", description_en="", position=0)
    assert changed.descriptions == {"nb": "Beite og vei", "en": ""}
    assert (changed.name_nb, changed.position) == ("reindriften", 0)


def test_what_an_interest_cannot_be_is_told_in_a_sentence():
    with pytest.raises(SignupError, match="name_en: This field cannot be blank"):
        change("students", name_en=" ")
    with pytest.raises(SignupError, match="description_nb"):
        change("students", description_nb="a" * 161)
    with pytest.raises(SignupError, match="There is no interest 'herders'"):
        change("herders", name_nb="x")
