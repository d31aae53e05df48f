import pytest

from mailer.models import Campaign
from mailer.sending import control
from mailer.sending.states import StateError
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_change_is_recorded_with_who_and_from_what(redis_server):
    campaign = launched(2)
    control.pause(campaign.pk, by="torill")
    assert not control.pause(campaign.pk, by="marit")
    control.resume(campaign.pk, by="marit")
    assert control.cancel(campaign.pk, by="torill") == 2
    told = [(t.from_status, t.to_status, t.by) for t in campaign.transitions.all()][2:]
    assert told == [("sending", "paused", "torill"), ("paused", "sending", "marit"), ("sending", "cancelled", "torill")]


def test_a_campaign_that_is_launching_is_not_pushed_on_by_resume(redis_server):
    campaign = launched(1)
    Campaign.objects.filter(pk=campaign.pk).update(status="launching")
    with pytest.raises(StateError, match="is launching"):
        control.resume(campaign.pk, by="torill")


@pytest.mark.parametrize("ended", ["sent", "cancelled"])
@pytest.mark.parametrize("act", [control.pause, control.resume, control.cancel])
def test_what_has_ended_can_not_be_changed_again(redis_server, ended, act):
    campaign = launched(1)
    Campaign.objects.filter(pk=campaign.pk).update(status=ended)
    if (ended, act) == ("cancelled", control.cancel):
        assert act(campaign.pk, by="torill") == 1  # what a crash left waiting is cleared; the status stays
        return
    with pytest.raises(StateError):
        act(campaign.pk, by="torill")


def test_every_status_but_the_ends_leads_somewhere():
    for status, onward in Campaign.TRANSITIONS.items():
        assert bool(onward) == (status not in {"sent", "cancelled"})
