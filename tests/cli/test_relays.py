"""`ukebrev relay`, as a part of its own: hung onto the program in `cli/app.py`."""

from __future__ import annotations

import json

import pytest
from django.conf import settings as read_settings
from typer.testing import CliRunner

from mailer.cli import output
from mailer.cli.relays import app
from mailer.sending.health import configured_health
from mailer.sending.pace import configured_pace
from mailer.sending.relays import configured_relays
from mailer.sending.wire import Reply
from tests.smtp_sink import SmtpSink

# As long as a name may be.
LONG = "the-relay-of-the-municipality-and-its-development-company-02"


@pytest.fixture
def relay(redis_server, smtp_sink: SmtpSink, settings):
    """Run the commands with two relays: the test's mail server, and one that isn't there."""
    settings.SMTP_URL = (
        f"{read_settings.SMTP_URL}?name=sink&per_hour=5000&weight=3 smtp://me:secret@127.0.0.1:1?name=gone&timeout=1"
    )

    def run(*words: str):
        return CliRunner().invoke(app, words, env={"COLUMNS": "250"})

    return run


def test_each_relay_is_listed_with_limits_health_and_count(relay):
    sink, gone = configured_relays()
    configured_pace().acquire(["quiet.example"] * 7, [sink])
    configured_health().report_down(gone, "The relay gone can't be used.")
    configured_pace().throttled("busy.example", sink, Reply("RCPT", 451, "4.7.500 Server busy."))
    answer = json.loads(relay("list", "--json").stdout)
    listed = {each["name"]: each for each in answer["relays"]}
    assert "busy.example" in [domain["domain"] for domain in answer["domains"]]
    assert "busy.example" in relay("list").stdout
    assert listed["sink"]["up"]
    assert (listed["sink"]["per_hour"], listed["sink"]["weight"]) == (5000, 3)
    assert listed["sink"]["last_hour"] >= 7
    assert not listed["gone"]["up"]
    assert listed["gone"]["why"] == "The relay gone can't be used."
    assert "secret" not in relay("list").stdout
    configured_health().report_up(gone)


def test_a_probe_tells_what_a_relay_offers_and_which_is_down(relay):
    done = relay("probe", "--json")
    sink, gone = json.loads(done.stdout)
    assert done.exit_code == 1
    assert sink["usable"]
    assert sink["smtputf8"]
    assert sink["size"] > 1_000_000
    assert not gone["usable"]
    assert "gone (127.0.0.1:1) can't be used" in gone["says"]
    assert relay("probe", "sink").exit_code == 0


@pytest.fixture
def narrow(redis_server, smtp_sink: SmtpSink, settings, monkeypatch):
    """Run the commands at a terminal of 80 columns, with a relay of the longest name and one that is down."""
    limits = "per_hour=50000&per_second=12.5&weight=30&warm_up=2026-01-01"
    settings.SMTP_URL = f"{read_settings.SMTP_URL}?name={LONG}&{limits} smtp://127.0.0.1:1?name=gone&timeout=1"
    monkeypatch.setattr(output.answers, "_width", 80)
    return lambda *words: CliRunner().invoke(app, words).stdout


def test_at_80_columns_no_line_is_longer_and_none_is_cut(narrow):
    _, gone = configured_relays()
    why = "The relay gone can't be used: nobody takes a connection there, however long one waits for somebody who does."
    configured_health().report_down(gone, why)
    for words in (["list"], ["probe"]):
        printed = narrow(*words)
        assert max(len(line.rstrip()) for line in printed.splitlines()) <= 80
        assert LONG in printed.splitlines()
        assert "…" not in printed
    assert why in " ".join(narrow("list").split())
    assert "last hour 0 of 50000" in " ".join(narrow("list").split())
    configured_health().report_up(gone)


def test_an_unknown_relay_is_told_with_those_there_are(relay):
    done = relay("probe", "main")
    assert done.exit_code == 2
    assert "sink, gone" in done.output
