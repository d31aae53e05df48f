"""An editor whose campaign waits for a limit is told for which, and until when."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from mailer.results.campaigns import report
from mailer.sending.batches import work_batch
from mailer.sending.pace import configured_pace
from tests.promises.campaign import launched

pytestmark = pytest.mark.django_db(transaction=True)


def told(campaign):
    for batch in campaign.batches.all():
        work_batch(batch.pk)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.held_because) == ("sending", "")
    waits = report(campaign).waiting
    assert waits is not None
    assert waits.until > timezone.now()
    return waits


def test_an_hours_limit(smtp_sink, settings):
    settings.SMTP_URL += "?name=hourly&per_hour=2"
    waits = told(launched(5))
    assert "hourly took the 2 that it may have in an hour. To go: 3, the next at " in waits.why


def test_a_warm_up_plan_waits_until_tomorrow(smtp_sink, settings):
    settings.SMTP_URL += f"?name=warming&warm_up={timezone.localdate()}"
    waits = told(launched(52))
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert waits.why == (
        f"warming took the 50 of its warm-up plan for today. To go: 2, the next on {tomorrow} at 00:00."
    )
    assert timezone.localtime(waits.until).date() == tomorrow


def test_a_warm_up_plan_that_begins_later(smtp_sink, settings):
    begins = date.today() + timedelta(days=3)  # noqa: DTZ011  # as somebody would type it
    settings.SMTP_URL += f"?name=later&warm_up={begins}"
    assert f"The warm-up plan of later begins on {begins}." in told(launched(1)).why


def test_a_domain_that_gets_little_is_named(smtp_sink, settings):
    settings.DOMAIN_LIMITS = {"example.org": 0.05}
    configured_pace.cache_clear()
    try:
        assert "example.org gets 0.05 a second at most. To go: 2, the next at" in told(launched(3)).why
    finally:
        configured_pace.cache_clear()


def test_those_who_were_refused_for_now_are_tried_again_at_a_moment(smtp_sink):
    campaign = launched(2)
    smtp_sink.refuse(campaign.deliveries.order_by("pk")[0].address, "451 4.2.1 busy")
    assert told(campaign).why.startswith("Refused for now, and to be tried again: 1, the next at ")


def test_a_campaign_that_goes_waits_for_nothing(redis_server, smtp_sink):
    campaign = launched(2)
    assert report(campaign).waiting is None
    work_batch(campaign.batches.get().pk)
    campaign.refresh_from_db()
    assert (campaign.status, report(campaign).waiting) == ("sent", None)
