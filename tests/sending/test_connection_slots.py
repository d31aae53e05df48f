"""A relay never has more connections from all of us than it allows."""

from __future__ import annotations

import time

import pytest
import redis
from django.conf import settings as read_settings

from mailer.sending.connection_slots import ConnectionSlots
from mailer.sending.fellows import Fellows
from mailer.sending.relays import Relay
from mailer.sending.shared import PREFIX, Shared

MAIN = Relay("127.0.0.1", 25, name="main", connections=3)
KEY = f"{PREFIX}relay:main:connections"


@pytest.fixture
def server(redis_server):
    client = redis.Redis.from_url(read_settings.REDIS_URL)
    client.delete(KEY)
    return client


def new_slots(url=None):
    """The slots as a process of its own has them."""
    shared = Shared(url or read_settings.REDIS_URL)
    return ConnectionSlots(shared, Fellows(shared))


def test_no_more_slots_than_connections_for_all_processes_together(server):
    processes = [new_slots() for _ in range(3)]
    taken = [slot for slots in processes for _ in range(2) if (slot := slots.take(MAIN, "thread"))]
    assert len(taken) == 3
    assert processes[2].open_connections(MAIN) == 3
    processes[0].give_back(taken[0])
    assert processes[2].take(MAIN, "thread") is not None
    assert processes[0].take(MAIN, "thread") is None


def test_the_slots_of_a_process_that_is_known_to_be_dead_come_free_at_once(server):
    dead, alive = new_slots(), new_slots()
    for thread in range(2):
        dead.take(MAIN, f"here-12.journal:{thread}")
    alive.take(MAIN, "here-1.journal:1")
    assert alive.take(MAIN, "here-1.journal:2") is None
    assert alive.end("here-12.journal:", [MAIN]) == 2
    assert alive.open_connections(MAIN) == 1
    assert alive.take(MAIN, "here-1.journal:2") is not None


def test_the_slots_of_a_dead_process_come_free(server, monkeypatch):
    monkeypatch.setattr("mailer.sending.connection_slots.EXPIRES", 200)
    dead, alive = new_slots(), new_slots()
    assert [dead.take(MAIN, "thread") is not None for _ in range(4)] == [True, True, True, False]
    time.sleep(0.3)
    assert alive.take(MAIN, "thread") is not None


def test_one_renewal_keeps_all_slots_of_a_process(server, monkeypatch):
    monkeypatch.setattr("mailer.sending.connection_slots.EXPIRES", 500)
    monkeypatch.setattr("mailer.sending.connection_slots._RENEW_EVERY", 0)
    slots, other = new_slots(), new_slots()
    first, second = slots.take(MAIN, "a"), slots.take(MAIN, "b")
    for _ in range(4):
        time.sleep(0.2)
        assert slots.renew(first)
    assert other.open_connections(MAIN) == 2
    assert slots.renew(second)


def test_a_slot_that_was_lost_is_taken_anew_while_there_is_room(server, monkeypatch):
    monkeypatch.setattr("mailer.sending.connection_slots._RENEW_EVERY", 0)
    slots, other = new_slots(), new_slots()
    mine = [slots.take(MAIN, "a"), slots.take(MAIN, "b")]
    server.delete(KEY)
    assert other.take(MAIN, "c") is not None
    assert other.take(MAIN, "d") is not None
    assert sorted([slots.renew(mine[0]), slots.renew(mine[1])]) == [False, True]
    assert other.open_connections(MAIN) == 3


def test_without_redis_each_process_takes_its_share(settings):
    settings.CELERY_WORKER_CONCURRENCY = 2
    slots = new_slots("redis://127.0.0.1:1/0")
    first, second, third = (slots.take(MAIN, "thread") for _ in range(3))
    assert first
    assert second  # two of three for the first of two processes
    assert third is None
    assert slots.renew(first)
    slots.give_back(first)
    assert slots.take(MAIN, "thread") is not None
    assert slots.open_connections(MAIN) is None


def test_a_slot_that_was_given_back_while_redis_was_away_is_free_once_it_is_back(server, monkeypatch):
    slots, other = new_slots(), new_slots()
    held = [slots.take(MAIN, "thread") for _ in range(3)]
    monkeypatch.setattr(slots._shared, "_silent_until", time.monotonic() + 60)
    slots.give_back(held[0])
    assert other.take(MAIN, "thread") is None
    monkeypatch.setattr(slots._shared, "_silent_until", 0.0)
    assert slots.take(MAIN, "thread") is not None
    assert other.open_connections(MAIN) == 3


def test_shares_add_up_to_the_whole(server):
    fellows = [Fellows(Shared(read_settings.REDIS_URL)) for _ in range(3)]
    server.delete(f"{PREFIX}processes")
    for each in fellows * 2:
        each._next = 0
        each.heartbeat()
    assert [each.count for each in fellows] == [3, 3, 3]
    assert sum(each.share(8) for each in fellows) == 8
    server.delete(f"{PREFIX}processes")
    fellows[0]._next = 0
    fellows[0].heartbeat()
    assert fellows[0].count == 3  # an emptied Redis has yet to hear of the others
