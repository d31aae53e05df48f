import pytest

from subscribers.audiences import Audience, count, segments
from subscribers.models import Subscriber, Suppression
from subscribers.signup import SignupError
from subscribers.suppression import suppress
from tests.factories import SubscriberFactory, make_interests

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people():
    make_interests()
    SubscriberFactory(address="kari@example.org", follows=("students",))
    SubscriberFactory(address="jonas@example.org", follows=("entrepreneurs",), language="en")
    SubscriberFactory(address="marit@example.org", follows=("businesses", "students"))
    SubscriberFactory(address="ola@example.org")


def who(audience):
    return {(segment.interests, segment.language): segment.recipients for segment in segments(audience)}


def test_no_interests_means_the_whole_list():
    assert who(Audience()) == {
        ((), "nb"): 1,
        (("students",), "nb"): 1,
        (("entrepreneurs",), "en"): 1,
        (("students", "businesses"), "nb"): 1,
    }


def test_who_follows_nothing_gets_everything_and_so_belongs_to_any_audience():
    assert who(Audience(interests=("entrepreneurs",))) == {((), "nb"): 1, (("entrepreneurs",), "en"): 1}


def test_only_followers_leaves_out_who_follows_nothing():
    assert who(Audience(interests=("entrepreneurs",), only_followers=True)) == {(("entrepreneurs",), "en"): 1}


def test_match_all_wants_every_interest():
    both = Audience(interests=("students", "businesses"), match="all", only_followers=True)
    assert who(both) == {(("students", "businesses"), "nb"): 1}


def test_language_and_exclusions_narrow_it():
    assert who(Audience(language="en")) == {(("entrepreneurs",), "en"): 1}
    assert who(Audience(excluded=("students",))) == {((), "nb"): 1, (("entrepreneurs",), "en"): 1}


@pytest.mark.parametrize("status", ["pending", "unsubscribed", "bounced", "complained"])
def test_nobody_but_the_active_is_counted_as_a_recipient(status):
    Subscriber.objects.filter(address="kari@example.org").update(status=status)
    told = count(Audience())
    assert (told.candidates, told.recipients, told.left_out) == (4, 3, {status: 1})


def test_a_suppressed_address_is_left_out_with_its_reason():
    suppress("kari@example.org", Suppression.Reason.BLOCKED)
    told = count(Audience())
    assert (told.recipients, told.left_out) == (3, {"suppressed": 1})


def test_the_sum_is_one_query_however_many_people(django_assert_num_queries):
    with django_assert_num_queries(1):
        count(Audience())


def test_an_unknown_interest_is_refused():
    with pytest.raises(SignupError, match="no interest 'fishing'"):
        count(Audience(excluded=("fishing",)))


def test_an_audience_kept_with_a_campaign_is_the_same_when_read_back():
    audience = Audience(interests=("students",), match="all", language="nb", excluded=("businesses",))
    assert Audience.from_json(audience.as_json()) == audience
