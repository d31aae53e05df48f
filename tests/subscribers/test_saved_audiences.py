import pytest

from subscribers.audiences import Audience, AudienceError, count
from subscribers.saved_audiences import audience_named, delete, rename, save, saved
from subscribers.signup import SignupError
from tests.factories import SubscriberFactory, make_interests

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def interests():
    make_interests()


def test_an_audience_is_kept_under_a_norwegian_name_and_counts_as_it_is_now():
    kept = save("Gründere på Østlandet", Audience(interests=("entrepreneurs",), only_followers=True), by="torill")
    assert kept.slug == "grundere-pa-ostlandet"
    SubscriberFactory(follows=("entrepreneurs",))
    people = Audience.from_json(audience_named("gründere på østlandet").filter)
    assert count(people).recipients == 1


def test_a_name_is_taken_once_unless_it_is_to_be_replaced():
    save("Students", Audience(language="nb"))
    with pytest.raises(AudienceError, match="already"):
        save("students!", Audience(language="en"))
    save("Students", Audience(language="en"), replace=True)
    assert [(kept.slug, kept.filter) for kept in saved()] == [("students", {"language": "en"})]


def test_it_is_renamed_and_deleted():
    save("Students", Audience())
    save("Others", Audience())
    with pytest.raises(AudienceError, match="already"):
        rename("students", "Others")
    assert rename("students", "Studenter nå").slug == "studenter-na"
    delete("Studenter nå")
    with pytest.raises(AudienceError, match="There are: others"):
        audience_named("studenter-na")


def test_what_makes_no_sense_is_not_kept():
    with pytest.raises(SignupError, match="fishing"):
        save("Fishers", Audience(interests=("fishing",)))
    with pytest.raises(AudienceError, match="no name"):
        save("!!!", Audience())
    assert saved() == []
