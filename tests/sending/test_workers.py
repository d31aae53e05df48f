import time

from celery import current_app

from mailer.sending.workers import any_worker


def test_a_worker_answers(celery_worker_process):
    began = time.monotonic()
    assert any_worker()
    assert time.monotonic() - began < 1


def test_a_queue_that_is_gone_is_asked_once(monkeypatch):
    # What is set there is set for all that the tests run after this, unless it is put back.
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    began = time.monotonic()
    assert not any_worker()
    assert time.monotonic() - began < 2
