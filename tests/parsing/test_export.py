"""The way to Markdown and back loses nothing, whatever people wrote."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailer.parsing.export import to_markdown, with_export_lines
from mailer.parsing.importing import parse_file
from mailer.parsing.inline import to_markdown as inline
from mailer.parsing.issue import Block, ParsedIssue, Section, SourceError
from mailer.parsing.lines import plain_line
from mailer.parsing.markdown import parse_markdown
from tests.parsing.reading import ANY_TEXT, TEXTS, UKE_45

LINES = ANY_TEXT.map(lambda text: plain_line(text[:60]))
WORDS = LINES.filter(bool)
PARAGRAPHS = WORDS.map(lambda text: Block("paragraph", inline(text)))
LISTS = st.lists(WORDS, min_size=1, max_size=3).map(
    lambda items: Block("list", "\n".join(f"- {inline(each)}" for each in items))
)
QUOTATIONS = WORDS.map(lambda text: Block("quotation", f"> {inline(text)}"))
OTHERS = st.sampled_from(
    [
        Block("rule", "---"),
        Block("code", "```\n## x\n```"),
        Block("heading", "#### Under"),
        Block("table", "| a |\n| --- |\n| b |"),
    ]
)
BLOCKS = st.lists(st.one_of(PARAGRAPHS, LISTS, QUOTATIONS, OTHERS), max_size=3).map(tuple)
SLUGS = st.lists(st.sampled_from(["students", "businesses", "unknown"]), unique=True, max_size=2).map(tuple)


def _sections(part: str | None) -> st.SearchStrategy[Section]:
    flag = st.booleans()
    return st.builds(
        Section,
        LINES,
        BLOCKS,
        st.just(part),
        SLUGS,
        heading_suggested=flag,
        interests_suggested=flag,
        cut_suggested=flag,
    )


@st.composite
def issues(draw: st.DrawFn) -> ParsedIssue:
    parts = draw(st.lists(WORDS, max_size=3, unique=True))
    sections = draw(st.lists(_sections(None), max_size=2))
    for part in parts:
        sections += draw(st.lists(_sections(part), max_size=2)) + draw(st.lists(_sections(None), max_size=1))
    return ParsedIssue(
        draw(LINES),
        draw(LINES),
        draw(st.sampled_from(["nb", "nn", "en"])),
        draw(st.none() | st.integers(1900, 2100)),
        draw(st.none() | st.integers(1, 53)),
        draw(BLOCKS),
        tuple(parts),
        tuple(sections),
        draw(BLOCKS),
        subjects=draw(st.dictionaries(st.sampled_from(["students", "businesses"]), LINES)),
        preheaders=draw(st.dictionaries(st.sampled_from(["students", "businesses"]), LINES)),
    )


def bare(issue: ParsedIssue) -> ParsedIssue:
    """The issue without what is no part of the text: lines, events that were only suggested, what was dropped and unsure."""

    def blocks(of: tuple[Block, ...]) -> tuple[Block, ...]:
        return tuple(replace(block, line=None) for block in of)

    sections = tuple(
        replace(section, blocks=blocks(section.blocks), events_suggested=(), line=None) for section in issue.sections
    )
    return replace(
        issue, intro=blocks(issue.intro), sections=sections, closing=blocks(issue.closing), dropped=(), unsure=()
    )


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(issues())
def test_an_issue_comes_back_from_markdown_as_it_was(issue: ParsedIssue) -> None:
    markdown = to_markdown(issue)
    assert bare(parse_markdown(markdown)) == bare(issue)
    assert to_markdown(parse_markdown(markdown)) == markdown


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY_TEXT)
def test_any_markdown_settles_after_one_reading(text: str) -> None:
    try:
        issue = parse_markdown(text)
    except SourceError:
        return
    again = parse_markdown(to_markdown(issue))
    assert bare(again) == bare(issue)
    assert to_markdown(again) == to_markdown(issue)


@pytest.mark.parametrize("path", [UKE_45, *TEXTS], ids=lambda path: path.stem)
def test_real_texts_come_back_with_what_was_suggested(path: Path) -> None:
    issue = parse_file(path)
    assert bare(parse_markdown(to_markdown(issue))) == bare(issue)


def test_the_form_is_the_one_that_people_write() -> None:
    issue = ParsedIssue(
        "Uke 45", year=2021, week=45, parts=("Fremtid",),
        sections=(Section("Sør-Varanger 2027", (Block("paragraph", "Webinar."),), "Fremtid", ("students",), interests_suggested=True),),
        closing=(Block("paragraph", "Hilsen oss"),),
    )  # fmt: skip
    assert to_markdown(issue) == (
        "---\ntitle: Uke 45\nlanguage: nb\nweek: 2021-W45\n---\n\n## Fremtid\n\n### Sør-Varanger 2027\ninterests: students\n"
        "suggested: interests\n\nWebinar.\n\n---\n\nHilsen oss\n"
    )


def test_what_an_editor_typed_can_neither_open_a_section_nor_end_the_letter() -> None:
    typed = Block("paragraph", "## Ny\n\n---\n\n<!-- skjult -->\n\n# {closing}")
    issue = parse_markdown(to_markdown(ParsedIssue("X", sections=(Section("A", (typed,)), Section("B", ())))))
    assert [section.heading for section in issue.sections] == ["A", "B"]
    assert "skjult" in "".join(block.markdown for block in issue.sections[0].blocks)


def test_lines_are_those_of_the_export() -> None:
    issue = parse_markdown("---\ntitle: Uke 45\n---\n\nHei\n\n## A\ninterests: students\n\nEn\n\nTo\n\n---\n\nHilsen\n")
    stored = replace(issue, sections=tuple(replace(each, line=None) for each in issue.sections))
    lines = to_markdown(stored).split("\n")
    placed = with_export_lines(stored)
    (section,) = placed.sections
    assert section.line is not None
    assert lines[section.line - 1] == "## A"
    for block in (*placed.intro, *section.blocks, *placed.closing):
        assert block.line is not None
        assert lines[block.line - 1] == block.markdown
