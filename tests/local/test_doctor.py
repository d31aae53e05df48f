"""`ukebrev doctor` tells what is embedded and what is wrong, and starts nothing."""

import socket
from pathlib import Path

import pytest
from pytest_django import Settings

from mailer.local import paths
from mailer.local.doctor import Finding, examine
from mailer.local.services import services


@pytest.fixture(autouse=True)
def var(short_tmp: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> paths.Var:
    monkeypatch.setenv("UKEBREV_VAR", str(short_tmp / "var"))
    monkeypatch.delenv("SMTP_URL")
    settings.EMBEDDED = {"postgres", "redis", "inbox"}
    return paths.var()


def found(name: str) -> Finding:
    return next(finding for finding in examine() if finding.name == name)


def test_a_bare_machine_is_well_and_stays_as_it_is(var: paths.Var) -> None:
    findings = examine()
    assert [finding.level for finding in findings if finding.name not in {"Web", "MAIL_FROM", "SITE_URL"}] == ["ok"] * 5
    assert found("PostgreSQL").found.startswith("embedded, started when it is needed; PostgreSQL 18")
    assert not var.root.exists()


def test_what_runs_is_said_to_run(var: paths.Var) -> None:
    with services(redis=True, durable=False, var=var):
        assert found("Redis").found.startswith("embedded, running")
    assert found("Redis").found.startswith("embedded, started when it is needed")


def test_a_server_that_does_not_answer_is_an_error_with_a_remedy(settings: Settings) -> None:
    settings.EMBEDDED = {"postgres", "inbox"}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    finding = found("Redis")
    assert finding.level == "error"
    assert finding.found.startswith("REDIS_URL: cannot reach redis at 127.0.0.1:1: is it running?")
    assert finding.remedy == "Start it, or correct REDIS_URL."


def test_a_taken_port_is_noted_with_another_one(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.PORT = taken.getsockname()[1]
        assert f"Port {settings.PORT} is taken by another program" in found("Web").found


def test_a_placeholder_for_the_sender_is_noted(settings: Settings) -> None:
    settings.MAIL_FROM = "Ukebrev <ukebrev@ukebrev.example>"
    assert found("MAIL_FROM").level == "note"
