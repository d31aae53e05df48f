import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.feedback.clean_up import clean_up
from subscribers.models import Subscriber
from subscribers.retention import Periods
from tests.factories import SubscriberFactory

pytestmark = pytest.mark.django_db


def test_it_erases_who_left_long_ago_and_tells_it_without_an_address(caplog):
    kari = SubscriberFactory(address="kari@example.org", status="unsubscribed")
    Subscriber.objects.update(status_changed_at=timezone.now() - timedelta(days=800))
    with caplog.at_level(logging.INFO):
        done = {outcome.rule: outcome.number for outcome in clean_up(Periods(erase_unsubscribed_months=24))}
    kari.refresh_from_db()
    assert (done["unsubscribed"], kari.status) == (1, "erased")
    assert "unsubscribed 1" in caplog.text
    assert "kari" not in caplog.text
