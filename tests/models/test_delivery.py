"""The table of a delivery's transitions is what the database sees."""

import pytest
from django.db import connection

from mailer.feedback.unsubscribes import leave
from mailer.models import Delivery
from mailer.sending import uncertain
from mailer.sending.batches import work_batch
from mailer.sending.control import cancel
from mailer.sending.leases import claim
from mailer.sending.recording import recover
from mailer.sending.taking import take
from subscribers.tokens import Holder
from tests.promises.campaign import end_leases, launched

pytestmark = pytest.mark.django_db(transaction=True)

_WATCH = """
    CREATE TABLE seen_transition (before text, after text);
    CREATE FUNCTION see_transition() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO seen_transition VALUES (OLD.status, NEW.status); RETURN NULL; END';
    CREATE TRIGGER see_transition AFTER UPDATE ON mailer_delivery FOR EACH ROW
        WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION see_transition();
"""
_LEAVE = "DROP TRIGGER see_transition ON mailer_delivery; DROP FUNCTION see_transition; DROP TABLE seen_transition"


@pytest.fixture
def seen():
    """Ask it for the transitions that the database saw since the test began."""

    def ask():
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT before, after FROM seen_transition")
            return set(cursor.fetchall())

    with connection.cursor() as cursor:
        cursor.execute(_WATCH)
    yield ask
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE)


def a_hard_day(campaign, smtp_sink):
    """Some of them meet trouble; the batch is worked on until there is nothing left to do at once."""
    addresses = list(campaign.deliveries.order_by("pk").values_list("address", flat=True))
    smtp_sink.refuse(addresses[0], "550 5.1.1 no such user")
    smtp_sink.refuse(addresses[1], "451 4.2.1 busy")
    smtp_sink.hang_up(addresses[2], at="end")
    smtp_sink.hang_up(addresses[3], at="end")
    for _ in range(2):
        work_batch(campaign.batches.get().pk)
        Delivery.objects.filter(status="deferred").update(next_attempt_at=None)
        end_leases()


def test_a_delivery_changes_only_as_its_table_says(redis_server, smtp_sink, settings, seen):
    a_hard_day(launched(9), smtp_sink)
    settings.UNCERTAIN = "hold"
    for decide in (uncertain.send_again, uncertain.leave):
        campaign = launched(9)
        a_hard_day(campaign, smtp_sink)
        decide(campaign.pk)
    campaign = launched(3)
    lease = claim(campaign.batches.get().pk, owner="worker-of-another-machine")
    assert lease is not None
    take(batch_id=lease.batch_id, limit=1)
    recover(lease)
    someone = campaign.deliveries.filter(status="pending").order_by("pk")[0]
    leave(Holder(someone.subscriber_id), source="test")
    cancel(campaign.pk, by="torill")
    deferred = launched(1)
    smtp_sink.refuse(deferred.deliveries.order_by("pk")[0].address, "451 4.2.1 busy")
    work_batch(deferred.batches.get().pk)
    cancel(deferred.pk, by="torill")
    assert seen() == {(str(before), str(after)) for before, onward in Delivery.TRANSITIONS.items() for after in onward}
