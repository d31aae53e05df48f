import itertools
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from subscribers.audiences import Audience, AudienceError, count, sample, segments, survey
from subscribers.field_conditions import read_condition
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


def test_the_list_is_read_once_however_many_people_there_are():
    def questions():
        with CaptureQueriesContext(connection) as asked:
            survey(Audience(interests=("students",)))
        return [query["sql"] for query in asked if "FROM" in query["sql"]]

    few = questions()
    SubscriberFactory.create_batch(30, follows=("students",))
    assert len(questions()) == len(few)
    assert sum("subscribers_subscriber" in sql for sql in few) == 1


def test_an_unknown_interest_is_refused():
    with pytest.raises(SignupError, match="no interest 'fishing'"):
        count(Audience(excluded=("fishing",)))


def test_an_audience_kept_with_a_campaign_is_the_same_when_read_back():
    audience = Audience(interests=("students",), match="all", language="nb", excluded=("businesses",))
    assert Audience.from_json(audience.as_json()) == audience


def test_the_survey_has_the_sum_and_the_segments_of_one_moment():
    suppress("kari@example.org", Suppression.Reason.BLOCKED)
    found = survey(Audience())
    assert found.count == count(Audience())
    assert sum(segment.recipients for segment in found.segments) == found.count.recipients == 3


@pytest.mark.parametrize(("days", "left_out"), [(-1, {}), (0, {"paused": 1}), (5, {"paused": 1})])
def test_who_has_paused_is_left_out_up_to_and_including_the_last_day(days, left_out):
    last_day = timezone.localdate() + timedelta(days=days)
    Subscriber.objects.filter(address="kari@example.org").update(paused_until=last_day)
    assert count(Audience()).left_out == left_out


def addresses(**asked):
    people = sample(Audience(**asked))
    return [person.address.partition("@")[0] for person in people]


def test_a_day_of_joining_belongs_to_those_who_joined_from_it_on():
    at_night = timezone.make_aware(datetime(2026, 3, 1, 0, 5))  # noqa: DTZ001  # made aware
    Subscriber.objects.update(created_at=at_night - timedelta(minutes=10))
    Subscriber.objects.filter(address="kari@example.org").update(created_at=at_night)
    assert addresses(joined_from=date(2026, 3, 1)) == ["kari"]
    assert addresses(joined_before=date(2026, 3, 1)) == ["jonas", "marit", "ola"]


def test_to_join_is_a_sign_of_life():
    now = timezone.now()
    Subscriber.objects.update(created_at=now - timedelta(days=900))
    Subscriber.objects.filter(address="kari@example.org").update(heard_at=now)
    Subscriber.objects.filter(address="ola@example.org").update(created_at=now)
    assert addresses(not_heard_since=now.date() - timedelta(days=30)) == ["jonas", "marit"]
    assert addresses(never_heard=True) == ["jonas", "marit", "ola"]


def test_domains_are_those_of_addresses_in_any_spelling():
    SubscriberFactory(address="post@blåbær.no")
    assert addresses(domains=("BLÅBÆR.no",)) == ["post"]
    assert addresses(domains=("xn--blbr-roah.no", "nowhere.org")) == ["post"]


def test_sources_are_doors():
    Subscriber.objects.filter(address="kari@example.org").update(source="import")
    assert addresses(sources=("import", "page")) == ["kari"]


def test_the_sample_is_of_recipients_and_no_bigger_than_ten():
    SubscriberFactory.create_batch(12)
    SubscriberFactory(status="bounced")
    assert len(sample(Audience())) == 10
    assert {person.status for person in sample(Audience(), 100)} == {"active"}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"interests": ("students",), "excluded": ("students",)}, "both asked for and excluded"),
        ({"only_followers": True}, "needs an interest"),
        ({"joined_from": date(2026, 2, 1), "joined_before": date(2026, 1, 1)}, "Nobody joined"),
        ({"domains": ("a b",)}, "no domain"),
        ({"match": "some"}, "any or all"),
    ],
)
def test_an_audience_that_makes_no_sense_is_refused(asked, says):
    with pytest.raises(AudienceError, match=says):
        count(Audience(**asked))


def test_every_part_of_an_audience_is_kept_and_read_back():
    audience = Audience(
        interests=("students",),
        joined_from=date(2026, 1, 1),
        not_heard_since=date(2026, 2, 1),
        never_heard=True,
        domains=("example.org",),
        sources=("page",),
        fields=(read_condition("employees>10"), read_condition("town=Vadsø|Vardø")),
    )
    assert Audience.from_json(audience.as_json()) == audience
    assert Audience().as_json() == {}


def test_what_an_older_version_kept_is_read_and_what_a_newer_one_kept_is_refused():
    older = {"interests": ["students"], "match": "all", "language": "nb", "excluded": [], "only_followers": False}
    assert Audience.from_json(older) == Audience(interests=("students",), match="all", language="nb")
    with pytest.raises(AudienceError, match="phase_of_the_moon"):
        Audience.from_json({"phase_of_the_moon": "full"})
    with pytest.raises(AudienceError, match="can't be read"):
        Audience.from_json({"joined_from": "yesterday"})


SLUGS = ("students", "entrepreneurs", "businesses")
SUBSETS = [frozenset(chosen) for size in range(4) for chosen in itertools.combinations(SLUGS, size)]


def is_in(audience, follows):
    """What the docstring of Audience promises, in Python."""
    wanted = frozenset(audience.interests)
    follows_them = wanted <= follows if audience.match == "all" else bool(wanted & follows)
    gets_everything = not follows and not audience.only_followers
    return not follows & frozenset(audience.excluded) and (not wanted or follows_them or gets_everything)


@pytest.mark.parametrize("match", ["any", "all"])
@pytest.mark.parametrize("only_followers", [False, True])
def test_each_combination_of_interests_is_asked_for_as_promised(match, only_followers):
    Subscriber.objects.all().delete()
    for follows in SUBSETS:
        SubscriberFactory(follows=tuple(follows))
    for wanted, excluded in itertools.product(SUBSETS, SUBSETS):
        if wanted & excluded or (only_followers and not wanted):
            continue
        audience = Audience(
            interests=tuple(wanted), match=match, excluded=tuple(excluded), only_followers=only_followers
        )
        found = {frozenset(segment.interests) for segment in segments(audience)}
        assert found == {follows for follows in SUBSETS if is_in(audience, follows)}, audience
