"""Servers that can't be reached are told in sentences."""

import socket

import pytest
from pytest_django import Settings

from mailer import checks
from tests.smtp_sink import SmtpSink


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_servers_that_run_are_no_problem(postgres_server: None, redis_server: None, smtp_sink: SmtpSink) -> None:
    assert checks.unreachable() == []


def test_an_unreachable_database_is_named_with_host_and_port(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setitem(settings.DATABASES, "default", {"NAME": "x", "HOST": "127.0.0.1", "PORT": port})
    settings.EMBEDDED = set()
    problem = checks.postgres_problem()
    assert problem is not None
    assert problem.startswith(f"DATABASE_URL: cannot reach postgres at 127.0.0.1:{port}: is it running?")


@pytest.mark.usefixtures("postgres_server")
def test_a_database_that_is_not_there_is_told_in_the_servers_words(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", "nowhere")
    settings.EMBEDDED = set()
    assert 'database "nowhere" does not exist' in (checks.postgres_problem() or "")


def test_an_unreachable_redis_is_named(settings: Settings) -> None:
    port = free_port()
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{port}/0"
    settings.EMBEDDED = set()
    problem = checks.redis_problem() or ""
    assert problem.startswith(f"REDIS_URL: cannot reach redis at 127.0.0.1:{port}: is it running?")
    assert "secret" not in problem


def test_an_unreachable_mail_server_is_named_without_the_secret(settings: Settings) -> None:
    settings.SMTP_URL = f"smtp://ann:secret@127.0.0.1:{free_port()}"
    problem = checks.relay_problem() or ""
    assert problem.startswith("SMTP_URL: cannot reach the mail server at 127.0.0.1:")
    assert "secret" not in problem


def test_an_inbox_that_is_stopped_says_how_to_start_it(settings: Settings) -> None:
    settings.SMTP_URL = f"smtp://127.0.0.1:{free_port()}"
    settings.EMBEDDED = {"inbox"}
    assert "`ukebrev up`" in (checks.relay_problem() or "")
