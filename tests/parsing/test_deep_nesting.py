"""What is nested too deeply stays with its own block, and is told."""

import pytest

from mailer.parsing.commonmark import DEEPEST, is_too_deep
from mailer.parsing.importing import parse_text
from mailer.parsing.issue import ParsedIssue
from mailer.rendering import markdown as rendering


def below(nested: str) -> ParsedIssue:
    return parse_text(f"## Lister {{everyone}}\n\n{nested}\n\n## Tabell {{students}}\n\nEn tekst.\n", kind="markdown")


def a_list(levels: int) -> str:
    return "\n".join("  " * level + f"- {level}" for level in range(levels))


@pytest.mark.parametrize("nested", [a_list(10), a_list(19), a_list(60), "> " * 45 + "Sitat", "> - " * 20 + "Begge"])
def test_the_section_below_keeps_its_text_and_its_readers(nested: str) -> None:
    issue = below(nested)
    assert [(section.heading, section.interests) for section in issue.sections] == [
        ("Lister", ("everyone",)),
        ("Tabell", ("students",)),
    ]
    assert [block.markdown for block in issue.sections[1].blocks] == ["En tekst."]
    assert issue.sections[0].blocks[0].markdown == nested, "no word is lost"


@pytest.mark.parametrize("levels", range(15, 22))
def test_it_is_told_when_a_letter_shows_it_as_code(levels: int) -> None:
    as_code = rendering.parse(a_list(levels))[0].type == "code_block"
    assert is_too_deep(a_list(levels)) == as_code
    assert ("nested-deep" in {doubt.code for doubt in below(a_list(levels)).unsure}) == as_code


def test_parsing_and_rendering_have_one_limit() -> None:
    assert DEEPEST == rendering.DEEPEST
