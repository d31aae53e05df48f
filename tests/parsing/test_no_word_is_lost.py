"""No letter of a text is lost: what is not shown is reported as dropped."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from mailer.parsing.importing import parse_file, parse_text
from mailer.parsing.issue import SourceError
from mailer.parsing.json_form import to_json
from mailer.parsing.source import read_source
from tests.parsing.reading import ANY_TEXT, TEXTS, UKE_45, blocks_of, every_word, words

# Marks made of a letter: the "o" of an item, and the name of the field that holds an e-mail's subject.
_MARKS = re.compile(r"(?m)^\s*o (?=\S)|^Emne:")


@pytest.mark.parametrize("path", [UKE_45, *TEXTS], ids=lambda path: path.stem)
def test_every_word_of_a_real_text_is_in_the_issue_or_dropped(path: Path) -> None:
    assert every_word(parse_file(path)) == words(_MARKS.sub("", read_source(path).text))


def test_words_stay_in_their_order() -> None:
    issue = parse_file(UKE_45)
    lines = [block.line for block in blocks_of(issue)]
    assert lines == sorted(line for line in lines if line)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY_TEXT)
def test_any_text_becomes_an_issue_with_all_its_words_or_one_clear_error(text: str) -> None:
    try:
        issue = parse_text(text)
    except SourceError:
        return
    to_json(issue)
    if not text.lstrip().startswith("---"):
        # An "o" may have been the mark of an item.
        assert set(words(text) - every_word(issue, with_targets=True)) <= {"o"}
