"""`ukebrev doctor` tells what is embedded and what is wrong, and starts nothing."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from mailer.local import paths
from mailer.local.doctor import Finding, examine
from mailer.local.services import services
from tests.services import celery_worker
from tests.smtp_sink import SmtpSink


@pytest.fixture(autouse=True)
def var(short_tmp: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> paths.Var:
    monkeypatch.setenv("UKEBREV_VAR", str(short_tmp / "var"))
    monkeypatch.delenv("SMTP_URL")
    settings.EMBEDDED = {"postgres", "redis", "inbox"}
    return paths.var()


@pytest.fixture
def no_embedded_redis(settings: Settings) -> None:
    settings.EMBEDDED = {"postgres", "inbox"}


def found(name: str) -> Finding:
    return next(finding for finding in examine() if finding.name == name)


def test_a_bare_machine_is_well_and_stays_as_it_is(var: paths.Var) -> None:
    findings = examine()
    assert [
        finding.level for finding in findings if finding.name not in {"Web", "MAIL_FROM", "SITE_URL", "Sender"}
    ] == ["ok"] * 6
    assert found("PostgreSQL").found.startswith("embedded, started when it is needed; PostgreSQL 18")
    assert not var.root.exists()


def test_what_runs_is_said_to_run(var: paths.Var) -> None:
    with services(redis=True, durable=False, var=var):
        assert found("Redis").found.startswith("embedded, running")
    assert found("Redis").found.startswith("embedded, started when it is needed")


@pytest.mark.usefixtures("redis_server", "no_embedded_redis")
def test_that_no_worker_answers_is_noted_with_how_to_start_one() -> None:
    worker = found("Worker")
    assert (worker.level, worker.found) == ("note", "none answers, so nothing is sent")
    assert "Start one: `make run`" in worker.remedy


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_server", "no_embedded_redis")
def test_a_worker_that_answers_is_found(local_var: paths.Var) -> None:
    with celery_worker(local_var.logs / "found.log", concurrency=1):
        assert (found("Worker").level, found("Worker").remedy) == ("ok", "")


def test_workers_are_not_asked_for_while_redis_does_not_answer(settings: Settings) -> None:
    settings.EMBEDDED = {"postgres", "inbox"}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "Worker" not in {finding.name for finding in examine()}


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
        web = found("Web")
    assert web.found == f"Port {settings.PORT} is taken by another program"
    assert web.remedy.startswith("Stop that one, or choose another port: PORT=")


def test_a_placeholder_for_the_sender_is_noted(settings: Settings) -> None:
    settings.MAIL_FROM = "Ukebrev <ukebrev@ukebrev.example>"
    assert found("MAIL_FROM").level == "note"


def test_each_relay_is_looked_at_by_itself_with_its_limits(settings: Settings, smtp_sink: SmtpSink) -> None:
    settings.EMBEDDED = {"postgres", "redis"}
    settings.SMTP_URL = f"{smtp_sink.url}?name=here&per_second=5&per_hour=900 smtp://me:secret@127.0.0.1:1?name=gone"
    assert found("Relay here").level == "ok"
    assert "5 a second, 900 an hour" in found("Relay here").found
    gone = found("Relay gone")
    assert (gone.level, gone.remedy) == ("error", "Start it, or correct SMTP_URL.")
    assert "secret" not in gone.found


def test_templates_that_can_not_be_used_are_an_error_and_are_not_kept(settings: Settings, var: paths.Var) -> None:
    own = var.root.parent / "own"
    (own / "_partials").mkdir(parents=True)
    (own / "_partials" / "closing.mjml").write_text("{{ nothing.of.the.kind }}")
    settings.ORGANISATION_FOLDER = str(own)
    assert found("ORGANISATION_FOLDER").level == "error"
    assert "closing.mjml" in found("ORGANISATION_FOLDER").found
    assert not var.root.exists()


def test_it_looks_at_the_letterhead_before_anything_of_django_is_loaded(var: paths.Var) -> None:
    asked = "from mailer.local.doctor import examine; print(*(each.name for each in examine()))"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env={"UKEBREV_VAR": str(var.root), "THEME": "plain", "PYTHONPATH": str(paths.PACKAGE_PARENT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Sender" in done.stdout, done.stderr


def test_the_sender_of_our_own_themes_is_noted(settings: Settings) -> None:
    settings.THEME = "plain"
    assert found("Sender").level == "note"
    assert "“Navn på avsender”, “Gateadresse 1”, “0000 Poststed”" in found("Sender").found
    settings.ORGANISATION_NAME, settings.POSTAL_ADDRESS = "Neiden menighet", "Kirkeveien 1, 9930 Neiden"
    assert "Sender" not in {finding.name for finding in examine()}


def test_what_the_checks_remark_is_shown(settings: Settings) -> None:
    settings.VERP, settings.MAIL_BOUNCES_TO = True, ""
    assert (found("VERP").level, found("VERP").found[:5]) == ("error", "is on")
