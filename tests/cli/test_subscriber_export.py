"""`ukebrev subscriber export`."""

from __future__ import annotations

import json

import pytest

from mailer.cli import exporting, subscribers


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """As the house registers the command and knows the faults of exporting."""
    from mailer.cli import faults

    if "export" not in {command.name for command in subscribers.app.registered_commands}:
        exporting.register(subscribers.app)
    monkeypatch.setitem(faults._CODES, "subscribers.exporting.files.ExportError", faults.WRONG_INPUT)


@pytest.fixture
def two(ukebrev):
    ukebrev("subscriber", "add", "kari@example.no", "--interest", "students")
    ukebrev("subscriber", "add", "ola@example.no", "--interest", "businesses", "--language", "en")


@pytest.mark.parametrize("name", ["people.csv", "people.xlsx", "people.json", "people.jsonl"])
def test_the_name_of_the_file_says_its_form(ukebrev, two, tmp_path, name):
    answer = ukebrev("subscriber", "export", str(tmp_path / name))
    assert (answer.code, answer.err.strip()) == (0, "2 people.")
    assert (tmp_path / name).stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_filter_narrows_it_and_a_dash_is_standard_output(ukebrev, two):
    answer = ukebrev("subscriber", "export", "-", "--form", "json", "--interest", "students", "--language", "nb")
    assert [person["address"] for person in json.loads(answer.out)] == ["kari@example.no"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("x.pdf",), "no form 'pdf'"),
        (("x.csv", "--interest", "reindeer"), "no interest 'reindeer'"),
        (("x.csv", "--audience", "nobody"), "no saved audience 'nobody'"),
    ],
)
def test_wrong_input_is_a_sentence_and_no_file(ukebrev, two, tmp_path, words, says):
    answer = ukebrev("subscriber", "export", str(tmp_path / words[0]), *words[1:])
    assert answer.code == 2
    assert says in answer.err
    assert list(tmp_path.iterdir()) == []
