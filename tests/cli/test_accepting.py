import json

import pytest
import typer
from typer.testing import CliRunner

from mailer.cli.accepting import accept


@pytest.fixture
def accepting(uke_45):
    """Run the command by itself on the sample; return its answer."""
    app = typer.Typer()
    app.command("accept")(accept)
    return lambda *words: CliRunner().invoke(app, [uke_45, *words])


@pytest.fixture
def answered(accepting):
    def run(*words):
        answer = accepting(*words)
        assert answer.exit_code == 0
        return answer.output

    return run


def test_all_that_was_suggested_is_accepted_and_counted(answered, ukebrev, uke_45):
    counts = json.loads(answered("--json"))
    assert counts["slug"] == uke_45
    assert counts["headings"] == 8
    assert counts["interests"] > 0
    sections = ukebrev("issue", "show", uke_45, "--json").json["sections"]
    assert not any(
        each["heading_suggested"] or each["interests_suggested"] or each["cut_suggested"] for each in sections
    )


def test_accepted_headings_are_in_the_letter(answered, ukebrev, uke_45):
    assert "Samling med alle landets" not in ukebrev("issue", "preview", uke_45, "--text").out.replace("på samling", "")
    assert "8 headings" in answered("--only", "headings")
    assert "Samling med alle landets" in ukebrev("issue", "preview", uke_45, "--text").out


def test_what_is_left_can_be_accepted_later(answered):
    answered("--only", "headings,cuts")
    assert json.loads(answered("--json"))["headings"] == 0
    assert "nothing left to accept" in answered()


def test_an_unknown_kind_is_named_with_those_there_are(accepting):
    answer = accepting("--only", "pictures")
    assert answer.exit_code == 2
    assert "no suggestions called 'pictures'" in answer.output


def test_the_command_is_part_of_the_program(ukebrev, uke_45):
    first = ukebrev("issue", "accept", uke_45, "--json")
    assert (first.code, first.json["headings"], first.json["events"]) == (0, 8, 1)
    assert "nothing left to accept" in ukebrev("issue", "accept", uke_45).out
