"""Rows about new people are written without a look at each person and interest; what it would find must hold all the same."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from subscribers.importing import merging, running
from subscribers.models import ConsentEvent, Interest, Subscriber, Subscription
from tests.factories import make_interests

pytestmark = pytest.mark.django_db

SHEET = "E-post;Interesser\nkari@example.no;students, businesses\nola@example.no;students\n"


def answer(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


@pytest.fixture
def ordinary_role(db):
    """A role that may do what a service's own does, and is no superuser."""
    make_interests()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE ordinary NOSUPERUSER")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO ordinary")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ordinary")
        cursor.execute("SET LOCAL ROLE ordinary")
        yield
        cursor.execute("RESET ROLE")


def everybody() -> list[tuple[str, list[int], int, int]]:
    return [
        (p.address_key, p.interest_ids, p.subscriptions.count(), p.consent_events.count())
        for p in Subscriber.objects.order_by("address_key")
    ]


@pytest.fixture
def roles_while_writing():
    """What `session_replication_role` is while rows about new people are written."""
    seen = []

    def watch(execute, sql, params, many, context):
        if sql in {merging._FOLLOW, merging._CONSENT}:
            seen.append(answer("SHOW session_replication_role"))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def test_a_role_that_is_no_superuser_imports_the_same(ordinary_role, roles_while_writing, bring):
    assert bring(SHEET).outcomes == {"added": 2}
    assert roles_while_writing == ["origin", "origin"]
    ids = dict(Interest.objects.values_list("slug", "pk"))
    both = sorted((ids["students"], ids["businesses"]))
    assert everybody() == [("kari@example.no", both, 2, 1), ("ola@example.no", [ids["students"]], 1, 1)]


def test_a_superuser_looks_at_no_row_and_the_server_looks_again_afterwards(roles_while_writing, bring):
    assert answer("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "True"
    bring(SHEET)
    assert roles_while_writing == ["replica", "replica"]
    assert answer("SHOW session_replication_role") == "origin"
    kari = Subscriber.objects.get(address_key="kari@example.no")
    Subscription.objects.filter(subscriber=kari)[0].delete()
    kari.refresh_from_db()
    assert len(kari.interest_ids) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEvent.objects.create(subscriber_id=kari.pk + 1000, kind="added", source="cli")


def test_an_interest_that_goes_while_the_sheet_is_read_is_followed_by_nobody(bring, monkeypatch):
    plain = running.plan

    def plan_and_lose_an_interest(options, cursor):
        outcomes = plain(options, cursor)
        Interest.objects.filter(slug="students").delete()
        return outcomes

    monkeypatch.setattr(running, "plan", plan_and_lose_an_interest)
    with pytest.raises(IntegrityError), transaction.atomic():
        bring(SHEET)
    assert not Subscriber.objects.exists()
    assert not Subscription.objects.exists()


def test_people_who_are_there_are_changed_and_new_ones_added_in_one_sheet(bring):
    bring(SHEET)
    summary = bring(
        "E-post;Interesser\nkari@example.no;students\nper@example.no;students\n", merge="overwrite", name="second.csv"
    )
    assert summary.outcomes == {"added": 1, "changed": 1}
    (student,) = Interest.objects.filter(slug="students").values_list("pk", flat=True)
    assert [(key, ids) for key, ids, *_ in everybody()] == [
        ("kari@example.no", [student]),
        ("ola@example.no", [student]),
        ("per@example.no", [student]),
    ]
    assert [events for *_, events in everybody()] == [2, 1, 1]
