import pytest
from django.db import connection

from mailer.sending import leases, recording
from mailer.sending.outcomes import judge
from mailer.sending.recording import Result, record
from mailer.sending.taking import take
from mailer.sending.wire import Reply
from tests.promises.campaign import launched
from tests.sending.plans import plan_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def batch(redis_server):
    return launched(3).batches.get()


def taken_from(batch):
    lease = leases.claim(batch.pk, owner="me")
    assert lease is not None
    return lease, take(batch_id=batch.pk, limit=10)[0]


@pytest.mark.parametrize("word", ["NULL", "null", "4XyZ", "a_b-c.d@e", "1"])
def test_a_queue_id_is_kept_as_the_relay_said_it(batch, word):
    lease, taken = taken_from(batch)
    reply = Reply("DATA", 250, f"2.0.0 Ok: queued as {word}")
    now = taken[0].first_attempt_at
    outcome = judge(reply, attempts=1, first_attempt_at=now, now=now)
    record([Result(item.delivery_id, 1, outcome, "main") for item in taken[:2]], lease)
    told = list(
        batch.deliveries.order_by("pk").values_list("status", "queue_id", "reply_code", "enhanced_code", "relay")
    )
    assert told == [("sent", word, 250, "2.0.0", "main")] * 2 + [("sending", "", None, "", "")]


def test_alike_outcomes_are_never_found_by_comparing_each_with_each(batch):
    """PostgreSQL knows of hardly any row in `sending`: a thousand of them would be looked for a thousand times."""
    values = {
        "batch": batch.pk,
        "attempt": 1,
        "code": 250,
        "enhanced": "",
        "relay": "",
        "ids": "{1,2}",
        "queue_ids": "{a,b}",
    }
    plan = plan_of(recording._RECORD_SENT, values)
    assert "Join" in plan
    assert "Nested Loop" not in plan


def test_the_way_of_planning_ends_with_the_statement(batch):
    lease, taken = taken_from(batch)
    now = taken[0].first_attempt_at
    outcome = judge(Reply("DATA", 250, "2.0.0 Ok: queued as 1"), attempts=1, first_attempt_at=now, now=now)
    record([Result(taken[0].delivery_id, 1, outcome, "main")], lease)
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        assert cursor.fetchone() == ("on",)
