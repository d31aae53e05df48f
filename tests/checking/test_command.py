"""`ukebrev issue check`, as the command line has it."""

import json

import pytest
import typer
from typer.testing import CliRunner

from mailer.cli import output
from mailer.cli.check import check

FILE = "tests/data/uke-45.txt"
FINE = """---
title: Uke 45
preheader: Det viktigste denne gangen.
week: 2021-W45
---

## Turen

Vi var på tur.
"""


@pytest.fixture
def run(monkeypatch, settings):
    settings.ORGANISATION_NAME, settings.POSTAL_ADDRESS = "Kirkenes utvikling", "Kirkegata 1, 9900 Kirkenes"
    app = typer.Typer()
    app.command()(check)
    for console in (output.answers, output.notices):
        monkeypatch.setattr(console, "_width", 200)
    return lambda *words: CliRunner().invoke(app, list(words))


# Without the database fixture, pytest-django lets nothing ask the database: a file needs none.
def test_a_file_is_checked_without_a_database(run):
    answer = run(FILE, "--week", "2021-W45")
    assert answer.exit_code == 1
    assert "Må rettes (2)" in answer.stdout
    assert "ICE Release Party, linje 25 [link-lost]" in answer.stdout
    assert "«Om to uker» blir feil for den som leser seint." in answer.stdout
    assert "2021-11" not in answer.stdout


def test_json_has_what_scripts_are_promised(run):
    answer = run(FILE, "--week", "2021-W45", "--language", "en", "--json")
    found = json.loads(answer.stdout)
    assert [finding["code"] for finding in found][:2] == ["link-lost", "link-lost"]
    assert found[0]["section"] == {"position": 6, "heading": "ICE Release Party"}
    assert set(found[0]) == {"level", "code", "section", "line", "what", "why", "remedy"}


def test_a_letter_without_errors_ends_with_0(run, tmp_path):
    file = tmp_path / "uke-45.md"
    file.write_text(FINE, encoding="utf-8")
    answer = run(str(file))
    assert answer.exit_code == 0
    assert "Vi fant ingenting å rette på." in answer.stdout
    assert json.loads(run(str(file), "--json").stdout) == []


def test_the_day_it_goes_out_can_be_named(run, tmp_path):
    file = tmp_path / "uke-45.md"
    file.write_text(FINE + "\nPåmelding innen 17. november.\n", encoding="utf-8")
    assert json.loads(run(str(file), "--json").stdout) == []
    assert json.loads(run(str(file), "--json", "--sends", "2021-11-18").stdout)[0]["code"] == "date-past"


@pytest.mark.parametrize("words", [("--sends", "fredag"), ("--language", "se")])
def test_what_can_t_be_read_ends_with_2(run, words):
    assert run(FILE, *words).exit_code == 2


def test_a_link_is_tried_only_when_that_is_asked_for(run, tmp_path):
    file = tmp_path / "uke-45.md"
    file.write_text(FINE + "\nSe [programmet](https://nowhere.invalid/program).\n", encoding="utf-8")
    assert json.loads(run(str(file), "--json").stdout) == []
    answer = run(str(file), "--json", "--links")
    assert [finding["code"] for finding in json.loads(answer.stdout)] == ["link-dead"]
    assert answer.exit_code == 1


def test_an_event_is_suggested_once_the_year_is_known(run, tmp_path):
    file = tmp_path / "uke-45.txt"
    file.write_text("Uke 45\n\nHei!\n\nMØTE\n\nTorsdag 11. november kl. 8 inviterer vi til frokostmøte på Thon.\n")
    found = json.loads(run(str(file), "--week", "2021-W45", "--json").stdout)
    assert "events-hidden" in [finding["code"] for finding in found]


def test_a_check_stores_no_calendar_entry(transactional_db, monkeypatch):
    from mailer.checking.material import Context
    from mailer.cli.check import _Asked, _examine
    from mailer.models.calendar import CalendarEntry
    from mailer.parsing.markdown import parse_markdown
    from mailer.sending.links import calendar_addresses, keep_calendar

    text = parse_markdown("## A\n\n```event\ntitle: Fest\nstart: 2099-11-17\n```\n")
    _examine(text, [], Context(), _Asked("nb", None, None, links=False))
    assert not CalendarEntry.objects.exists()
    keep_calendar([text, text])
    (entry,) = CalendarEntry.objects.all()
    (address,) = calendar_addresses(text).values()
    assert address.endswith(entry.path)


def test_the_sender_of_our_themes_and_a_refused_folder_stop_a_letter(run, settings, tmp_path):
    file = tmp_path / "uke-45.md"
    file.write_text(FINE, encoding="utf-8")
    settings.ORGANISATION_NAME, settings.THEME = "", "plain"
    assert [each["code"] for each in json.loads(run(str(file), "--json").stdout)] == ["sender-placeholder"]
    own = tmp_path / "own" / "_partials"
    own.mkdir(parents=True)
    (own / "closing.mjml").write_text("{{ nothing.of.the.kind }}")
    settings.ORGANISATION_FOLDER, settings.VAR = str(own.parent), str(tmp_path / "var")
    answer = run(str(file), "--json")
    assert [each["code"] for each in json.loads(answer.stdout)] == ["theme-refused", "sender-placeholder"]
    assert "closing.mjml" in answer.stdout
    assert answer.exit_code == 1
