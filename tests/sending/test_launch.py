import pytest

from mailer.models import Campaign, Delivery
from mailer.models.parsed import store_issue
from mailer.models.translations import store_translation
from mailer.parsing.issue import ParsedIssue
from mailer.results.totals import totals
from mailer.sending.batches import work_batch
from mailer.sending.control import cancel
from mailer.sending.headers import Mailbox
from mailer.sending.launch import create_campaign, launch
from mailer.sending.materialise import make_all_rows
from mailer.sending.planning import LaunchError, Order, plan
from mailer.sending.states import StateError, change_status
from mailer.sending.sweep import sweep_all
from subscribers.audiences import Audience
from subscribers.models import Interest, Subscriber
from tests.factories import SubscriberFactory, make_issue, section

pytestmark = pytest.mark.django_db(transaction=True)

BREV = Mailbox("Sør-Varanger Utvikling", "brev@example.org")


def order(issue, audience=Audience()):  # noqa: B008  # immutable
    return Order(issue=issue, audience=audience, sender=BREV, by="torill", again=True)


@pytest.fixture
def issue(redis_server):
    return make_issue()


@pytest.fixture
def people(issue):
    return {
        "kari": SubscriberFactory(address="kari@example.org", follows=("students",)),
        "edda": SubscriberFactory(address="edda@example.org", follows=("students",)),
        "jonas": SubscriberFactory(address="jonas@example.org", follows=("entrepreneurs", "businesses"), language="en"),
        "ola": SubscriberFactory(address="ola@example.org"),
        "left": SubscriberFactory(address="left@example.org", status=Subscriber.Status.UNSUBSCRIBED),
    }


def launched(issue, audience=Audience()):  # noqa: B008  # immutable
    campaign = create_campaign(order(issue, audience))
    assert launch(campaign.pk, by="torill")
    make_all_rows(campaign.pk)
    campaign.refresh_from_db()
    return campaign


def test_a_plan_is_a_sum_that_adds_up(issue, people):
    planned = plan(issue, Audience())
    assert (planned.count.candidates, planned.recipients, planned.left_out) == (5, 4, {"unsubscribed": 1})
    assert planned.in_words() == (
        "5 candidates, less 1 unsubscribed: 4 get it; 1 of them follow no interest and get everything."
    )


def test_a_launch_makes_one_delivery_for_each_recipient_with_the_letter_of_their_interests(issue, people):
    campaign = launched(issue)
    assert (campaign.status, campaign.recipients, campaign.candidates) == ("sending", 4, 5)
    got = {d.address: d.variant for d in campaign.deliveries.select_related("variant")}
    assert got["kari@example.org"] == got["edda@example.org"]
    assert got["kari@example.org"].sections == [0, 1]
    assert (got["jonas@example.org"].sections, got["jonas@example.org"].language) == ([0, 2, 3], "en")
    assert got["ola@example.org"].sections == [0, 1, 2, 3]
    assert "left@example.org" not in got


def test_send_pressed_twice_launches_once(issue, people):
    campaign = launched(issue)
    with pytest.raises(StateError, match="is sending"):
        launch(campaign.pk, by="marit")
    assert Delivery.objects.count() == 4
    assert [t.to_status for t in campaign.transitions.all()] == ["launching", "sending"]


def test_a_launch_cut_short_is_finished_by_the_sweep_and_only_once(issue, people):
    campaign = create_campaign(order(issue))
    change_status(campaign.pk, Campaign.Status.LAUNCHING, by="torill")
    sweep_all()
    sweep_all()
    campaign.refresh_from_db()
    assert (campaign.status, campaign.recipients) == ("sending", 4)
    make_all_rows(campaign.pk)
    assert make_all_rows(campaign.pk) == 0
    assert Delivery.objects.count() == 4


def test_a_campaign_that_can_no_longer_be_launched_holds_up_no_other(issue, people):
    doomed = create_campaign(order(issue, Audience(language="en")))
    Subscriber.objects.filter(language="en").update(status="unsubscribed")
    other = create_campaign(order(issue))
    for campaign in (doomed, other):
        change_status(campaign.pk, Campaign.Status.LAUNCHING, by="torill")
    sweep_all()
    doomed.refresh_from_db()
    other.refresh_from_db()
    assert (doomed.status, other.status) == ("cancelled", "sending")
    assert "Nobody gets this letter" in doomed.held_because


@pytest.fixture
def unlaunchable(issue, people):
    """A campaign to those who follow an interest that is called otherwise since."""
    campaign = create_campaign(order(issue, Audience(interests=("students",))))
    change_status(campaign.pk, Campaign.Status.LAUNCHING, by="torill")
    Interest.objects.filter(slug="students").update(slug="learners")
    return campaign


def test_a_campaign_that_stumbles_at_its_launch_holds_up_nothing_else_of_the_sweep(issue, unlaunchable, smtp_sink):
    under_way, other = create_campaign(order(issue)), create_campaign(order(issue))
    launch(under_way.pk, by="torill")
    for batch in under_way.batches.all():
        work_batch(batch.pk)
    under_way.batches.update(tally=None)
    Campaign.objects.filter(pk=under_way.pk).update(status="sending")
    change_status(other.pk, Campaign.Status.LAUNCHING, by="torill")
    sweep_all()
    status = dict(Campaign.objects.values_list("pk", "status"))
    assert status == {unlaunchable.pk: "launching", other.pk: "sending", under_way.pk: "sent"}


def test_why_a_campaign_is_not_launched_yet_is_told_until_it_is(issue, unlaunchable):
    sweep_all()
    unlaunchable.refresh_from_db()
    assert unlaunchable.held_because.startswith("It can't be launched yet, and is tried again by itself: ")
    assert "students" in unlaunchable.held_because
    Interest.objects.filter(slug="learners").update(slug="students")
    sweep_all()
    unlaunchable.refresh_from_db()
    assert (unlaunchable.status, unlaunchable.held_because) == ("sending", "")


def test_whoever_presses_send_is_told_what_is_wrong_and_so_is_who_looks_later(issue, people):
    campaign = create_campaign(order(issue, Audience(interests=("students",))))
    Interest.objects.filter(slug="students").update(slug="learners")
    with pytest.raises(ValueError, match="students"):
        launch(campaign.pk, by="torill")
    campaign.refresh_from_db()
    assert campaign.status == "launching"
    assert "students" in campaign.held_because


@pytest.mark.parametrize("step", ["bury_the_dead", "watch_canaries", "queue_batches", "finish_if_done"])
def test_a_step_of_the_sweep_that_fails_holds_up_none_of_the_others(issue, people, step, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("out of order")

    campaign = create_campaign(order(issue))
    change_status(campaign.pk, Campaign.Status.LAUNCHING, by="torill")
    monkeypatch.setattr(f"mailer.sending.sweep.{step}", fail)
    sweep_all()
    campaign.refresh_from_db()
    assert campaign.status == "sending"
    assert "out of order" in caplog.text


def test_a_launch_for_which_nobody_is_left_is_cancelled_with_the_reason(issue, people):
    campaign = create_campaign(order(issue))
    Subscriber.objects.update(status="unsubscribed")
    with pytest.raises(LaunchError, match="Nobody gets this letter"):
        launch(campaign.pk, by="torill")
    campaign.refresh_from_db()
    assert campaign.status == "cancelled"


def test_replies_go_where_the_setting_says(issue, people, settings):
    settings.MAIL_REPLY_TO = "post@example.org"
    assert create_campaign(order(issue)).reply_to == "post@example.org"


def test_who_follows_the_same_for_this_issue_shares_a_letter():
    issue = make_issue(section("Vitensenter"), section("Studentbyen", "students"))
    SubscriberFactory(follows=("students",))
    SubscriberFactory(follows=("students", "businesses"))
    assert launched(issue).variants.count() == 1


def test_a_reader_for_whom_there_is_nothing_gets_no_empty_letter(issue):
    only_students = make_issue(section("Studentbyen", "students"), title="Uke 46")
    SubscriberFactory(address="kari@example.org", follows=("students",))
    SubscriberFactory(address="jonas@example.org", follows=("entrepreneurs",))
    campaign = launched(only_students)
    assert (campaign.recipients, campaign.left_out) == (1, {"nothing for them": 1})


def test_an_audience_with_nobody_in_it_is_refused_in_a_sentence(issue):
    with pytest.raises(LaunchError, match="Nobody gets this letter"):
        create_campaign(order(issue))
    assert not Campaign.objects.exists()


def test_a_launch_takes_as_many_statements_however_many_people(issue, people, django_assert_max_num_queries):
    SubscriberFactory.create_batch(50)
    campaign = create_campaign(order(issue))
    with django_assert_max_num_queries(45):
        launch(campaign.pk, by="torill")
    with django_assert_max_num_queries(14):
        make_all_rows(campaign.pk)
    assert Delivery.objects.count() == 54


def test_who_leaves_between_the_freeze_and_the_making_of_the_rows_has_a_row_with_the_reason(issue, people, smtp_sink):
    campaign = create_campaign(order(issue))
    launch(campaign.pk, by="torill")
    Subscriber.objects.filter(pk=people["kari"].pk).update(status="unsubscribed")
    for batch in campaign.batches.all():
        work_batch(batch.pk)
    kari = campaign.deliveries.get(subscriber=people["kari"])
    assert (kari.status, kari.skip_reason) == ("skipped", "unsubscribed")


def test_the_sum_still_adds_up_when_a_record_is_gone_before_its_row_is_made(issue, people):
    campaign = create_campaign(order(issue))
    launch(campaign.pk, by="torill")
    people["kari"].subscriptions.all().delete()
    people["kari"].delete()
    make_all_rows(campaign.pk)
    campaign.refresh_from_db()
    assert (campaign.candidates, campaign.recipients) == (5, 3)
    assert campaign.left_out == {"unsubscribed": 1, "removed since": 1}
    assert totals(campaign).recipients == 3


def test_what_changed_between_approval_and_launch_is_told(issue, people):
    campaign = create_campaign(order(issue))
    SubscriberFactory(address="new@example.org")
    Subscriber.objects.filter(pk=people["kari"].pk).update(status="unsubscribed")
    launch(campaign.pk, by="torill")
    campaign.refresh_from_db()
    assert campaign.drift == "4 were approved, 4 get it: +1 candidates, +1 unsubscribed."


def test_a_cancelled_campaign_has_a_row_for_everyone_with_the_reason(issue, people):
    campaign = create_campaign(order(issue))
    launch(campaign.pk, by="torill")
    cancel(campaign.pk, by="torill")
    assert set(campaign.deliveries.values_list("status", "skip_reason")) == {("skipped", "cancelled")}
    assert totals(campaign).skipped == 4


@pytest.fixture
def english(issue):
    text = ParsedIssue(
        title="Week 45",
        language="en",
        sections=(section("Campus", "students"), section("Science centre"), section("Hiring", "businesses")),
    )
    return store_translation(text, issue, source="week 45").issue


def test_readers_of_its_language_get_the_translation_with_its_own_sections(issue, english, people):
    kirsten = SubscriberFactory(follows=("students",), language="en")
    campaign = launched(issue)
    got = {d.subscriber: d.variant for d in campaign.deliveries.select_related("variant", "subscriber")}
    jonas, kari = got[people["jonas"]], got[people["kari"]]
    assert (jonas.language, jonas.content_language, jonas.sections) == ("en", "en", [1, 2])
    assert got[kirsten].section_headings == ["Campus", "Science centre"]
    assert "Week 45" in got[kirsten].subject
    assert (kari.content_language, kari.section_headings) == ("nb", ["Vitensenter", "Studentbyen"])
    assert "Campus" in got[kirsten].text
    assert "Campus" not in kari.text


def test_a_plan_with_a_translation_adds_up_and_tells_who_gets_it(issue, english, people):
    planned = plan(issue, Audience())
    assert (planned.count.candidates, planned.recipients) == (5, 4)
    assert planned.in_words().endswith("; 1 get the translation into 'en'.")
    languages = {(s["language"], s["content_language"]) for s in planned.as_json()["segments"]}
    assert languages == {("nb", "nb"), ("en", "en")}
    assert launched(issue).recipients == 4


def test_without_a_translation_into_their_language_readers_get_the_issue(issue, people):
    variant = launched(issue).deliveries.get(subscriber=people["jonas"]).variant
    assert (variant.language, variant.content_language) == ("en", "nb")


def test_who_has_nothing_in_the_translation_gets_the_issue_and_is_not_left_out(redis_server):
    issue = make_issue(section("Workation", "entrepreneurs"), title="Uke 46")
    text = ParsedIssue(title="Week 46", language="en", sections=(section("Campus", "students"),))
    store_translation(text, issue, source="week 46")
    for interest in ("entrepreneurs", "students"):
        SubscriberFactory(follows=(interest,), language="en")
    campaign = launched(issue)
    assert (campaign.recipients, campaign.left_out) == (2, {})
    assert {variant.content_language for variant in campaign.variants.all()} == {"nb", "en"}


def test_a_translation_is_not_sent_by_itself(english, people):
    with pytest.raises(LaunchError, match=r"uke-45-2021-en is a translation .* Send uke-45-2021:"):
        create_campaign(order(english))
    assert not Campaign.objects.exists()


def test_followers_of_an_interest_read_the_subject_that_is_theirs(people):
    parsed = ParsedIssue(
        title="Uke 47",
        sections=(section("Vitensenter"), section("Studentbyen", "students")),
        subjects={"students": "For deg som studerer"},
    )
    campaign = launched(store_issue(parsed, source="47").issue)
    subjects = {d.address: d.variant.subject for d in campaign.deliveries.select_related("variant")}
    assert "For deg som studerer" in subjects["kari@example.org"]
    assert "For deg som studerer" not in subjects["jonas@example.org"]
