import pytest

from mailer.models import Campaign
from mailer.sending import letterhead, uncertain
from mailer.sending.batches import take_turn
from mailer.sending.headers import Mailbox
from mailer.sending.launch import create_campaign, launch
from mailer.sending.planning import LaunchError, Order, PeopleOf, plan
from subscribers.audiences import Audience
from tests.factories import SubscriberFactory, make_issue, section

pytestmark = pytest.mark.django_db(transaction=True)

GOT, MISSED = Campaign.People.GOT, Campaign.People.MISSED


@pytest.fixture
def sent(redis_server, smtp_sink):
    issue = make_issue()
    for name, follows in [("kari", ("students",)), ("jonas", ("entrepreneurs",)), ("ola", ())]:
        SubscriberFactory(address=f"{name}@example.org", follows=follows)
    smtp_sink.refuse("ola@example.org", "550 5.1.1 no such user")
    return send(issue)


def send(issue, people_of=None):
    order = Order(issue, Audience(), Mailbox("SVU", "brev@example.org"), by="torill", people_of=people_of, again=True)
    campaign = create_campaign(order)
    launch(campaign.pk, by="torill")
    take_turn()
    campaign.refresh_from_db()
    return campaign


def addresses(campaign):
    return {delivery.address.partition("@")[0] for delivery in campaign.deliveries.all()}


def test_a_correction_goes_to_exactly_those_who_got_the_wrong_letter(sent):
    SubscriberFactory(address="later@example.org", follows=("students",))
    letter = sent.deliveries.get(address="kari@example.org").variant.number
    correction = make_issue(section("Rettelse"), title="Uke 46")
    campaign = send(correction, PeopleOf(sent, GOT, (letter,)))
    assert addresses(campaign) == {"kari"}
    assert (campaign.candidates, campaign.recipients, campaign.status) == (1, 1, "sent")


def test_a_correction_to_all_who_got_it_leaves_out_whom_it_did_not_reach(sent):
    assert addresses(send(make_issue(section("Rettelse"), title="Uke 46"), PeopleOf(sent, GOT))) == {"kari", "jonas"}


def test_a_second_round_goes_to_just_those_who_did_not_get_it(sent, smtp_sink):
    smtp_sink.reset()
    again = send(sent.issue, PeopleOf(sent, MISSED))
    assert addresses(again) == {"ola"}
    assert len(smtp_sink.messages) == 1


def test_a_second_round_leaves_out_whom_an_editor_left_as_may_have_got_it(redis_server, smtp_sink, settings):
    settings.UNCERTAIN = "hold"
    SubscriberFactory(address="kari@example.org")
    SubscriberFactory(address="ola@example.org")
    smtp_sink.hang_up("kari@example.org", at="end")
    smtp_sink.refuse("ola@example.org", "550 5.1.1 no such user")
    first = send(make_issue())
    assert uncertain.leave(first.pk) == 1
    smtp_sink.reset()
    assert addresses(send(first.issue, PeopleOf(first, MISSED))) == {"ola"}
    assert smtp_sink.messages_to("kari@example.org") == []


def test_a_second_round_leaves_out_who_may_have_got_it_before_they_were_refused(redis_server, smtp_sink, settings):
    settings.UNCERTAIN = "hold"
    SubscriberFactory(address="kari@example.org")
    SubscriberFactory(address="ola@example.org")
    smtp_sink.hang_up("kari@example.org", at="end")
    smtp_sink.refuse("ola@example.org", "550 5.1.1 no such user")
    first = send(make_issue())
    smtp_sink.refuse("kari@example.org", "550 5.1.1 no such user")
    uncertain.send_again(first.pk)
    take_turn()
    assert set(first.deliveries.values_list("status", flat=True)) == {"failed"}
    assert plan(first.issue, Audience(), PeopleOf(first, MISSED)).recipients == 1


def test_a_second_round_for_nobody_is_refused_in_a_sentence(sent):
    again = send(sent.issue, PeopleOf(sent, MISSED))
    assert again.status == "sent"
    with pytest.raises(LaunchError, match="Nobody gets this letter"):
        plan(sent.issue, Audience(), PeopleOf(again, GOT, (99,)))


def test_nothing_is_launched_in_our_look_while_the_organisations_own_is_refused(tmp_path, settings, monkeypatch):
    monkeypatch.setattr(letterhead, "LOOK_SECONDS", 1e-9)
    partial = tmp_path / "own" / "_partials" / "closing.mjml"
    partial.parent.mkdir(parents=True)
    partial.write_text("{{ nothing.of.the.kind }}")
    settings.ORGANISATION_FOLDER, settings.VAR = str(tmp_path / "own"), str(tmp_path / "var")
    SubscriberFactory(address="kari@example.org")
    issue = make_issue()
    with pytest.raises(LaunchError, match=r"our look and our sender.*closing\.mjml"):
        plan(issue, Audience())
    partial.write_text("<mj-section><mj-column><mj-text>Farvel</mj-text></mj-column></mj-section>")
    assert plan(issue, Audience()).recipients == 1
    partial.write_text("{{ broken.again }}")
    assert plan(issue, Audience()).recipients == 1, "the version that worked is in use"
