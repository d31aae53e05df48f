"""Words that a command can't use are answered in a sentence, without the English of the libraries below."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            "campaign deliveries æ",
            "CAMPAIGN must be a whole number, not 'æ'. `ukebrev campaign deliveries --help` tells",
        ),
        ("campaign deliveries abc --status foo", "CAMPAIGN must be a whole number, not 'abc'."),
        ("campaign deliveries 1 --limit 0", "--limit must be 1 or more, not '0'."),
        ("campaign send x --first-percent much", "--first-percent must be a number, not 'much'."),
        ("campaign send x --match some", "--match: 'some' is not one of 'any', 'all'."),
        ("campaign deliveries", "CAMPAIGN is missing. `ukebrev campaign deliveries --help` tells"),
        (
            "campaign delivery 1",
            "No such command 'delivery'. Did you mean 'deliveries'? `ukebrev campaign --help` tells",
        ),
        ("campaign deliveries 1 --state sent", "No such option: --state"),
        ("relay probe nobody", "There is no relay 'nobody'. Known are:"),
    ],
)
def test_what_a_command_can_not_use_is_told_in_a_sentence(ukebrev, words, says):
    answer = ukebrev(*words.split())
    assert answer.code == 2
    assert answer.err.startswith(says)
    assert answer.err.count("\n") == 1


def test_a_group_alone_shows_its_help_and_nothing_beside(ukebrev):
    answer = ukebrev("campaign")
    assert (answer.code, answer.err) == (2, "")
    assert "Usage" in answer.out
