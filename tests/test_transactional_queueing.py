"""The workers are told of mails that are owed: of one at once, of many together, of each once."""

import base64
import json
import threading
import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from mailer.transactional.queueing import on_mail_owed

_QUEUE = "celery"


@pytest.fixture
def queue(redis_server: None) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(settings.REDIS_URL)
    settle()
    client.delete(_QUEUE)
    yield client
    settle()
    client.delete(_QUEUE)


def settle() -> None:
    """Wait until nothing is left to be told."""
    while soon := [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]:
        for thread in soon:
            thread.join()


def told(queue: redis.Redis) -> list[list[int]]:
    """The ids of each task, in the order in which they were queued."""
    bodies = [json.loads(message)["body"] for message in reversed(queue.lrange(_QUEUE, 0, -1))]
    return [json.loads(base64.b64decode(body))[0] for body in bodies]


def test_of_one_mail_the_workers_are_told_before_the_call_returns(queue):
    on_mail_owed(None, owed_id=7)
    assert told(queue) == [[7]]


def test_of_many_at_once_they_are_told_in_few_tasks_and_of_each_once(queue):
    for owed_id in range(200):
        on_mail_owed(None, owed_id=owed_id)
    settle()
    tasks = told(queue)
    assert tasks[0] == [0]
    assert [owed_id for task in tasks for owed_id in task] == list(range(200))
    assert max(map(len, tasks)) <= 25
    assert len(tasks) < 40


def test_after_a_while_the_next_one_is_told_of_at_once_again(queue):
    on_mail_owed(None, owed_id=1)
    settle()
    on_mail_owed(None, owed_id=2)
    assert told(queue) == [[1], [2]]


def test_threads_that_tell_at_the_same_time_lose_nothing(queue):
    def tell(first: int) -> None:
        for owed_id in range(first, first + 100):
            on_mail_owed(None, owed_id=owed_id)
            time.sleep(0.002)

    threads = [threading.Thread(target=tell, args=(first,)) for first in range(0, 400, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle()
    assert sorted(owed_id for task in told(queue) for owed_id in task) == list(range(400))
