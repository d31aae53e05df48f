"""Limits hold when several processes ask at once, and while Redis is emptied or stopped under them."""

from __future__ import annotations

import pytest
import redis
from django.conf import settings

from mailer.local.paths import Var
from mailer.local.redis_server import Redis
from mailer.local.services import services
from mailer.sending.shared import PREFIX
from tests.sending.hammer import Hammers


@pytest.fixture
def server(redis_server):
    client = redis.Redis.from_url(settings.REDIS_URL)
    for key in client.scan_iter(f"{PREFIX}*"):
        client.delete(key)
    return client


def test_limits_of_relay_and_domain_hold_within_five_percent(server):
    hammers = Hammers(4, settings.REDIS_URL, seconds=3, limits={"gmail.com": 40}, per_second=200)
    went = hammers.went()
    for count, rate in ((went.total(), 200), (went["gmail.com"], 40)):
        # A tenth of a second's worth may have been saved up at the beginning.
        assert rate * 3 * 0.9 <= count <= rate * (hammers.span + 0.1) + 1
        assert count <= rate * hammers.span * 1.05


def test_redis_emptied_in_the_middle_costs_one_burst_more_at_most(server):
    hammers = Hammers(4, settings.REDIS_URL, seconds=2, per_second=200, per_hour=350)
    hammers.at(0.8)
    server.flushdb()
    assert 330 <= hammers.went().total() <= 350 + 20


@pytest.mark.parametrize("per_hour", [None, 400])
def test_redis_stopped_and_started_again_lets_no_more_go(short_tmp, monkeypatch, per_hour):
    monkeypatch.delenv("REDIS_URL", raising=False)
    var = Var(short_tmp / "var")
    limits = {"per_second": 200, "per_hour": per_hour}
    with services(redis=True, durable=False, var=var):
        hammers = Hammers(3, f"unix://{Redis(var).socket}", seconds=3, **limits)
        hammers.at(1)
    hammers.at(2)
    with services(redis=True, durable=False, var=var):
        total = hammers.went().total()
    # Bursts of 20: one at the beginning, one when Redis is back and knows nothing; and for a moment some know that it is, and some don't.
    assert (per_hour or 600) * 0.8 <= total <= (per_hour or 600) * 1.1
