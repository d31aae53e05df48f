"""A relay that fails is left alone for longer and longer, and one worker at a time tries it again."""

from __future__ import annotations

import time

import pytest
import redis
from django.conf import settings

from mailer.sending.health import Down, Health
from mailer.sending.relays import Relay
from mailer.sending.shared import PREFIX, Shared

MAIN, SPARE = Relay("127.0.0.1", 25, name="main"), Relay("127.0.0.1", 26, name="spare")
NOW = 1_800_000_000_000


@pytest.fixture
def server(redis_server):
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(f"{PREFIX}relays-down")
    return client


def new_health(url=None):
    """Health as a process of its own sees it, which looks each time."""
    health = Health(Shared(url or settings.REDIS_URL))
    health._table._max_age = 0
    return health


def test_pauses_double_from_one_second_to_a_minute():
    down, pauses = Down("it hung up", NOW, 1, NOW + 1000), []
    for _ in range(8):
        again = down.failed_again("it hung up", down.next_try)
        pauses.append((again.next_try - down.next_try) // 1000)
        down = again
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    assert down.since == NOW


def test_one_failure_that_many_saw_counts_once():
    down = Down("refused", NOW, 1, NOW + 1000)
    assert down.failed_again("reset", NOW + 500) == Down("reset", NOW, 1, NOW + 1000)


def test_all_know_of_a_relay_that_is_down_and_of_its_recovery(server):
    here, there = new_health(), new_health()
    assert there.usable([MAIN, SPARE]) == [MAIN, SPARE]
    here.report_down(MAIN, "The relay main can't be used.")
    assert there.usable([MAIN, SPARE]) == [SPARE]
    main, spare = there.states([MAIN, SPARE])
    assert (main.is_up, main.why, spare.is_up) == (False, "The relay main can't be used.", True)
    assert (main.next_try - main.since).total_seconds() == 1
    there.report_up(MAIN)
    assert here.usable([MAIN, SPARE]) == [MAIN, SPARE]
    assert server.exists(f"{PREFIX}relays-down") == 0


@pytest.mark.parametrize("url", [None, "redis://127.0.0.1:1/0"])
def test_after_the_pause_one_worker_tries_and_the_others_wait_for_what_it_says(server, url):
    here = new_health(url)
    there = here if url else new_health()
    here.report_down(MAIN, "refused")
    assert here.usable([MAIN]) == []
    time.sleep(1.1)
    assert here.usable([MAIN]) == [MAIN]
    assert there.usable([MAIN]) == []
    here.report_down(MAIN, "refused again")
    (state,) = there.states([MAIN])
    assert state.why == "refused again"
    assert there.usable([MAIN]) == []
    assert 2 <= (state.next_try - state.since).total_seconds() <= 4


def test_an_emptied_redis_makes_all_relays_usable(server):
    health = new_health()
    health.report_down(MAIN, "refused")
    server.flushdb()
    assert health.usable([MAIN]) == [MAIN]


def test_garbage_in_redis_is_no_obstacle(server):
    server.hset(f"{PREFIX}relays-down", "main", "?")
    assert new_health().states([MAIN])[0].is_up
    assert new_health().usable([MAIN]) == [MAIN]
