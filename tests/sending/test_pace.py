"""Limits hold across processes, across an emptied Redis and across one that is away."""

from __future__ import annotations

import socket
import time
from collections import Counter
from datetime import timedelta

import pytest
import redis
from django.conf import settings as read_settings
from django.utils import timezone

from mailer.sending.fellows import Fellows
from mailer.sending.pace import Pace, Permit
from mailer.sending.relays import Relay
from mailer.sending.shared import PREFIX, Shared
from mailer.sending.wire import Reply

GMAIL_BUSY = Reply("RCPT", 421, "4.7.28 Gmail has detected an unusual rate of mail from your IP address")
TODAY = timezone.localdate()
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def server(redis_server):
    """The real Redis, without anything of ours in it."""
    client = redis.Redis.from_url(read_settings.REDIS_URL)
    for key in client.scan_iter(f"{PREFIX}*"):
        client.delete(key)
    return client


def new_pace(limits=None, sent_today=None, url=None):
    """A pace as a process of its own has it."""
    shared = Shared(url or read_settings.REDIS_URL)
    return Pace(shared, Fellows(shared), limits or {}, sent_today)


def gone(permits: list[Permit]) -> list[str]:
    return [permit.relay.name for permit in permits if permit.relay]


def waits(permits: list[Permit]) -> list[float]:
    return [permit.wait for permit in permits if permit.relay is None]


def relay(name="main", **limits):
    return Relay("127.0.0.1", 25, name=name, **limits)


def test_a_redis_that_takes_connections_and_answers_nothing_costs_a_moment_and_is_left_alone_for_longer():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        shared = Shared(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()
        assert shared.run("return 1") is None
        cost = time.monotonic() - began
        assert cost < 0.6
        time.sleep(cost)
        assert shared.is_away


def test_without_limits_all_may_go_and_redis_is_not_asked(server):
    pace, three, one = new_pace(), relay("three", weight=3), relay("one")
    pace.acquire(["example.org"], [three])
    before = server.info("stats")["total_commands_processed"]
    counts = Counter(name for _ in range(50) for name in gone(pace.acquire(["example.org"] * 8, [three, one])))
    assert counts == {"three": 300, "one": 100}
    assert server.info("stats")["total_commands_processed"] - before <= 3


def test_a_relays_messages_a_second_are_let_go_a_tenth_of_a_second_at_a_time(server):
    permits = new_pace().acquire(["example.org"] * 40, [relay(per_second=100)])
    assert len(gone(permits)) == 10
    assert permits[:10] == [Permit(relay(per_second=100))] * 10
    assert waits(permits)[0] == pytest.approx(0.01, abs=0.005)
    assert waits(permits)[-1] == pytest.approx(0.3, abs=0.01)


def test_a_relay_without_room_leaves_the_rest_to_the_others(server):
    small, large = relay("small", per_hour=3, weight=9), relay("large")
    counts = Counter(gone(new_pace().acquire(["example.org"] * 20, [small, large])))
    assert counts == {"small": 3, "large": 17}


def test_weights_hold_over_chunks_where_limits_are_counted(server):
    pace, relays = new_pace(), [relay("a", weight=2, per_hour=9000), relay("b", per_hour=9000)]
    counts = Counter(name for _ in range(30) for name in gone(pace.acquire(["example.org"] * 2, relays)))
    assert counts == {"a": 40, "b": 20}


def test_a_domain_that_is_full_holds_up_no_other(server):
    pace = new_pace({"gmail.com": 5})
    permits = pace.acquire(["gmail.com", "a.no", "googlemail.com", "GMAIL.COM", "b.no", "gmail.com"], [relay()])
    assert [permit.relay is not None for permit in permits] == [True, True, True, False, True, False]
    first, second = waits(permits)
    assert first == pytest.approx(0.2, abs=0.02)
    assert second - first == pytest.approx(0.2)


def test_an_hour_holds_no_more_than_its_limit_and_tells_when_there_is_room(server):
    pace = new_pace()
    assert len(gone(pace.acquire(["example.org"] * 100, [relay(per_hour=60)]))) == 60
    again = pace.acquire(["example.org"] * 2, [relay(per_hour=60)])
    assert gone(again) == []
    assert waits(again) == [900, 900]
    assert new_pace().relay_usage([relay(per_hour=60)])[0].hour == 60


def test_what_was_not_handed_over_is_given_back(server):
    pace, main = new_pace(), relay(per_hour=60, warm_up=TODAY)
    permits = pace.acquire(["example.org"] * 60, [main])
    assert len(gone(permits)) == 50
    pace.give_back(permits[:20])
    assert new_pace().relay_usage([main])[0].day == 30
    assert len(gone(pace.acquire(["example.org"] * 60, [main]))) == 20


def test_a_new_relays_day_begins_with_what_our_tables_say(server):
    pace = new_pace(sent_today={"main": 30}.__getitem__)
    permits = pace.acquire(["example.org"] * 60, [relay(warm_up=TODAY)])
    assert len(gone(permits)) == 20
    assert 0 < waits(permits)[0] <= 900
    tomorrow = relay("other", warm_up=TODAY + timedelta(days=2))
    assert gone(new_pace().acquire(["example.org"], [tomorrow])) == []


def test_an_emptied_redis_costs_no_hour_and_no_day_anew(server):
    pace = new_pace(sent_today=lambda _: 0)
    relays = [relay("hour", per_hour=60), relay("day", warm_up=TODAY)]
    assert len(gone(pace.acquire(["example.org"] * 200, relays))) == 110
    server.flushdb()
    assert gone(pace.acquire(["example.org"] * 200, relays)) == []


def test_an_emptied_redis_costs_at_most_one_burst_of_a_second(server):
    pace, main = new_pace({"gmail.com": 30}), relay(per_second=100)
    assert len(gone(pace.acquire(["gmail.com"] * 20, [main]))) == 3
    server.flushdb()
    assert len(gone(pace.acquire(["gmail.com"] * 20, [main]))) == 3


def test_a_domain_that_asks_for_it_is_slowed_down_for_all_and_told(server):
    here, there = new_pace({"gmail.com": 20}), new_pace({"gmail.com": 20})
    here.acquire(["gmail.com"] * 8, [relay()])
    assert here.throttled("googlemail.com", relay(), GMAIL_BUSY)
    (told,) = there.domain_rates()
    assert (told.domain, told.limit) == ("gmail.com", 20)
    assert told.slowed_to is not None
    assert 0.1 <= told.slowed_to <= 10
    assert not here.throttled("gmail.com", relay(), Reply("RCPT", 452, "4.2.2 over quota"))


def test_a_slowed_down_domain_without_a_limit_is_limited(server):
    pace = new_pace()
    pace.acquire(["busy.example"] * 40, [relay()])
    pace.throttled("busy.example", relay(), GMAIL_BUSY)
    permits = pace.acquire(["busy.example"] * 40 + ["free.example"], [relay()])
    assert len(gone(permits)) < 10
    assert permits[-1].relay is not None


def test_a_domain_that_has_recovered_is_forgotten_by_all(server):
    pace, now = new_pace(), int(time.time() * 1000)
    server.hset(f"{PREFIX}slowed-domains", "busy.example", f"4 10 {now - 35_000}")
    server.hset(f"{PREFIX}slowed-domains", "well.example", f"4 10 {now - 95_000}")
    (busy,) = pace.domain_rates()
    assert (busy.domain, busy.slowed_to) == ("busy.example", 6.0)
    assert server.hkeys(f"{PREFIX}slowed-domains") == [b"busy.example"]


def test_no_relay_is_a_short_wait(server):
    assert new_pace().acquire(["a.no"] * 2, []) == [Permit(None, 1.0)] * 2


def test_without_redis_each_process_keeps_to_its_share(server, settings):
    settings.CELERY_WORKER_CONCURRENCY = 4
    pace, main = new_pace({"gmail.com": 8}, url=NOWHERE), relay(per_hour=100, warm_up=TODAY)
    permits = pace.acquire(["a.no"] * 100, [main])
    assert len(gone(permits)) == 13  # a quarter of today's 50, and the first process takes one of the two left over
    assert waits(permits)[0] <= 60
    limited = new_pace({"gmail.com": 8}, url=NOWHERE)
    end, count = time.monotonic() + 2.2, 0
    while time.monotonic() < end:
        count += len(gone(limited.acquire(["gmail.com"] * 5, [relay()])))
        time.sleep(0.01)
    assert 3 <= count <= 4  # a quarter of 8 a second, with nothing saved up


def test_what_went_without_redis_is_told_to_it_later(server):
    pace, main = new_pace(), relay(per_hour=60)
    assert len(gone(pace.acquire(["a.no"] * 10, [main]))) == 10
    pace._shared._silent_until = time.monotonic() + 0.3
    alone = len(gone(pace.acquire(["a.no"] * 60, [main])))
    assert alone == 50
    time.sleep(0.3)
    assert gone(pace.acquire(["a.no"] * 60, [main])) == []
    assert pace.relay_usage([main])[0].hour == 60
