"""The form for people who keep issues in git, as they write it by hand."""

import pytest

from mailer.parsing.importing import parse_text
from mailer.parsing.issue import SourceError
from mailer.parsing.markdown import parse_markdown

FRONT = "---\ntitle: Uke 45\npreheader: Kort sagt\nlanguage: nb\nweek: 2021-W45\n---\n\n"
BODY = """Hei!

## Vitensenteret
interests: students, businesses

Avtalen er i boks.

> Dette ser vi frem til

## Fremtid

### Pilotkonferanse {businesses}

Korte innlegg.

###

Uten overskrift.

## Etterpå

Står i ingen del.

---

God helg!
"""


def test_front_matter_parts_sections_and_closing() -> None:
    issue = parse_markdown(FRONT + BODY)
    assert (issue.title, issue.preheader, issue.language, issue.year, issue.week) == (
        "Uke 45",
        "Kort sagt",
        "nb",
        2021,
        45,
    )
    assert issue.parts == ("Fremtid",)
    assert [(s.part, s.heading, s.interests, s.line) for s in issue.sections] == [
        (None, "Vitensenteret", ("students", "businesses"), 10),
        ("Fremtid", "Pilotkonferanse", ("businesses",), 19),
        ("Fremtid", "", (), 23),
        (None, "Etterpå", (), 27),
    ]
    assert [block.kind for block in issue.sections[0].blocks] == ["paragraph", "quotation"]
    assert [block.markdown for block in (*issue.intro, *issue.closing)] == ["Hei!", "God helg!"]


def test_nothing_is_guessed_in_what_an_editor_wrote() -> None:
    issue = parse_text(FRONT + "## Gründere\n\nStudenter møtte bedrifter.\n")
    assert [(s.interests, s.heading_suggested, s.cut_suggested) for s in issue.sections] == [((), False, False)]
    assert issue.unsure == ()


def test_interests_may_be_given_by_heading_in_the_front_matter() -> None:
    issue = parse_markdown(
        "---\ntitle: X\ninterests:\n  En sak: [students]\n  Ukjent: [students]\n---\n\n## En sak\n\nTekst.\n"
    )
    assert issue.sections[0].interests == ("students",)
    assert [each.code for each in issue.unsure] == ["unknown-heading"]


def test_unknown_interests_are_kept_for_the_caller_to_name_with_their_line() -> None:
    section = parse_markdown(FRONT + "## En sak\ninterests: astronauter\n\nTekst.\n").sections[0]
    assert (section.interests, section.line) == (("astronauter",), 8)


def test_a_line_of_interests_may_follow_an_empty_line_as_people_leave_one() -> None:
    section = parse_markdown(FRONT + "## En sak\n\ninterests: students\n\nTekst.\n").sections[0]
    assert (section.interests, section.blocks[0].markdown) == (("students",), "Tekst.")


def test_a_line_of_interests_behind_another_one_is_text() -> None:
    section = parse_markdown(FRONT + "## En sak\ninterests:\n\ninterests: students\n").sections[0]
    assert section.interests == ()
    assert section.blocks[0].markdown == "interests: students"


def test_text_right_under_the_interests_is_text() -> None:
    section = parse_markdown(FRONT + "## En sak\ninterests: students\nTekst.\n").sections[0]
    assert (section.interests, section.blocks[0].markdown) == (("students",), "Tekst.")


def test_headings_may_begin_one_level_higher() -> None:
    issue = parse_markdown("---\ntitle: X\n---\n\n# Del\n\n## Sak\n\nTekst.\n\n### Under\n")
    assert [(s.part, s.heading) for s in issue.sections] == [("Del", "Sak")]
    assert [block.markdown for block in issue.sections[0].blocks] == ["Tekst.", "#### Under"]


def test_markdown_without_front_matter_is_read_as_any_text() -> None:
    issue = parse_text("# Uke 3\n\nHei alle!\n\n## For gründere\n\n- kurs\n- kaffe\n", kind="markdown")
    assert (issue.title, issue.week) == ("Uke 3", 3)
    assert [(s.heading, s.interests, s.interests_suggested) for s in issue.sections] == [
        ("For gründere", ("entrepreneurs",), True)
    ]


def test_markdown_that_names_interests_needs_no_front_matter() -> None:
    issue = parse_text("# Uke 3\n\n## En sak\ninterests: students\n\nOm bedrifter.\n", kind="markdown")
    assert [(s.interests, s.interests_suggested) for s in issue.sections] == [(("students",), False)]


def test_links_by_reference_keep_their_targets_in_their_block() -> None:
    section = parse_markdown(FRONT + "## En sak\n\nSe [planen][p].\n\n[p]: https://example.org/å\n").sections[0]
    assert [block.markdown for block in section.blocks] == ["Se [planen](<https://example.org/å>)."]


def test_html_is_text_and_comments_are_left_out() -> None:
    issue = parse_markdown(FRONT + "## En sak\n\n<b>Hei</b>\n\n<!-- husk bilde -->\n")
    assert [block.markdown for block in issue.sections[0].blocks] == ["<b>Hei</b>"]
    assert [each.text for each in issue.dropped] == ["husk bilde"]


def test_the_language_no_is_norwegian_and_a_number_is_a_title() -> None:
    issue = parse_markdown("---\ntitle: 45\nlanguage: no\n---\n")
    assert (issue.title, issue.language) == ("45", "nb")


def test_an_unknown_key_is_reported_and_not_used() -> None:
    issue = parse_markdown("---\ntitle: X\nlayout: post\n---\n\nHei\n")
    assert [(each.code, each.line) for each in issue.unsure] == [("unknown-key", 3)]


@pytest.mark.parametrize(
    ("front", "says"),
    [
        ("title: [a", "line 2: the front matter is not valid YAML"),
        ("title: a\n  b: c: d", "line 3: the front matter is not valid YAML"),
        ("title: {a: b}", "line 2: title must be one line of text"),
        ("title: a\nweek: 99", "line 3: week must be an ISO week such as 2021-W45, and is '99'"),
        ("year: i fjor", "line 2: year must be four digits"),
        ("subjects: Hei", "line 2: subjects must name interests"),
        ("interests: students", "line 2: interests must name headings"),
        ("interests: {A: {b: c}}", "line 2: the interests of a section must be a list"),
    ],
)
def test_front_matter_that_cannot_be_used_names_file_line_and_what_to_do(front: str, says: str) -> None:
    with pytest.raises(SourceError, match=f"^brev.md, {says}"):
        parse_markdown(f"---\n{front}\n---\n\nHei\n", "brev.md")


def test_front_matter_that_is_not_closed_is_named() -> None:
    with pytest.raises(SourceError, match="line 1: the front matter is not closed"):
        parse_markdown("---\ntitle: X\n\nHei\n")


def test_lines_of_a_signature_hold_and_those_of_a_wrapped_text_do_not() -> None:
    closing = parse_markdown("## A\n\nHei\n\n---\n\nMed vennlig hilsen\nSolveig\\\nUkebrev\n").closing
    assert [block.markdown for block in closing] == ["Med vennlig hilsen\\\nSolveig\\\nUkebrev"]
    wrapped = "Dette er en lang avslutning som en editor har brukket ved sytti tegn,\nog den er én tekst."
    assert parse_markdown(f"## A\n\nHei\n\n---\n\n{wrapped}\n").closing[0].markdown == wrapped
