from __future__ import annotations

from datetime import date, timedelta

import pytest

from mailer.sending.relays import Relay
from mailer.sending.warm_up import allowance

FIRST = date(2026, 11, 23)


def plan(relay: Relay, days: int) -> list[int | None]:
    return [allowance(relay, FIRST + timedelta(days=day)) for day in range(-1, days)]


def test_a_new_relay_begins_with_fifty_a_day_and_doubles_until_it_is_known():
    relay = Relay("host", 25, warm_up=FIRST)
    assert plan(relay, 13) == [0, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, None, None]
    assert allowance(relay, date(9999, 12, 31)) is None


@pytest.mark.parametrize(("per_hour", "expected"), [(10, [0, 50, 100, 200, None]), (1, [0, None, None, None, None])])
def test_the_plan_ends_where_the_hours_allow_less(per_hour, expected):
    assert plan(Relay("host", 25, warm_up=FIRST, per_hour=per_hour), 4) == expected


def test_a_relay_without_a_plan_has_no_allowance():
    assert allowance(Relay("host", 25), FIRST) is None
