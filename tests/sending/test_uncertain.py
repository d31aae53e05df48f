import pytest

from mailer.models import Delivery
from mailer.results.totals import progress, totals
from mailer.sending import uncertain
from mailer.sending.batches import finish_if_done, take_turn
from mailer.sending.states import StateError
from mailer.sending.tallies import forget_tallies
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(redis_server, smtp_sink, settings):
    """Two of three are through; of one the relay said nothing."""
    settings.UNCERTAIN = "hold"
    campaign = launched(3)
    address = campaign.deliveries.order_by("pk")[1].address
    smtp_sink.hang_up(address, at="end")
    work(campaign)
    return campaign


def work(campaign):
    take_turn()
    campaign.refresh_from_db()


def test_what_nobody_can_tell_is_counted_apart_and_keeps_the_campaign_open(campaign):
    numbers = totals(campaign)
    assert (numbers.recipients, numbers.sent, numbers.uncertain) == (3, 2, 1)
    assert progress(campaign).times_uncertain == 1
    assert campaign.status == "sending"


def test_a_campaign_is_not_over_while_somebody_has_to_decide_though_a_batch_is_to_be_counted_anew(campaign):
    forget_tallies(campaign.pk)
    finish_if_done(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.status == "sending"
    assert "1 may or may not have got it" in campaign.held_because


def test_sent_again_it_is_the_same_message(campaign, smtp_sink):
    assert uncertain.send_again(campaign.pk) == 1
    work(campaign)
    assert campaign.status == "sent"
    assert totals(campaign).sent == 3
    assert len({m.parsed()["Message-ID"] for m in smtp_sink.messages}) == 3


def test_left_as_it_is_it_has_the_reason_and_the_campaign_ends(campaign, smtp_sink):
    before = len(smtp_sink.messages)
    assert uncertain.leave(campaign.pk) == 1
    campaign.refresh_from_db()
    assert campaign.status == "sent"
    assert Delivery.objects.get(status="skipped").skip_reason == uncertain.LEFT_REASON
    assert len(smtp_sink.messages) == before
    with pytest.raises(StateError, match="nothing to decide"):
        uncertain.send_again(campaign.pk)
