from dataclasses import replace

import pytest

from mailer.models import Issue
from mailer.models.importing import import_translation
from mailer.models.parsed import IssueError, parsed_issue, store_issue
from mailer.models.translations import Editions, editions, store_translation
from mailer.parsing.issue import ParsedIssue, SourceError
from mailer.rendering.letter import Reader
from subscribers.signup import SignupError
from tests.factories import make_issue, section

pytestmark = pytest.mark.django_db

ENGLISH = ParsedIssue(title="Week 45", language="en", sections=(section("Science"), section("Campus", "students")))


@pytest.fixture
def issue(db):
    return make_issue()


def translated(issue, parsed=ENGLISH, **wanted) -> Issue:
    return store_translation(parsed, issue, source=parsed.title, **wanted).issue


def test_a_translation_belongs_to_its_issue_and_has_its_week(issue):
    english = translated(issue)
    assert (english.translation_of, english.slug) == (issue, f"{issue.slug}-en")
    assert (english.year, english.week) == (2021, 45)
    assert editions(issue).translations["en"].title == "Week 45"


def test_who_reads_the_language_gets_the_translation_and_everyone_else_the_issue(issue):
    translated(issue)
    texts = editions(issue)
    assert texts.for_reader(Reader(("students",), "en")).title == "Week 45"
    assert texts.for_reader(Reader(("students",), "nb")) is texts.main


def test_a_reader_for_whom_nothing_was_translated_gets_the_issue():
    main = ParsedIssue(title="Uke 45", sections=(section("Workation", "entrepreneurs"),))
    texts = Editions(main, {"en": ParsedIssue(title="Week 45", sections=(section("Campus", "students"),))})
    assert texts.for_reader(Reader(("entrepreneurs",), "en")) is main


def test_the_same_text_is_stored_once_and_another_only_when_it_may_replace_it(issue):
    first = translated(issue)
    assert translated(issue) == first
    with pytest.raises(IssueError, match=r"has a translation .*: uke-45-2021-en\. Add --replace"):
        translated(issue, replace(ENGLISH, title="Week 45 again"))
    second = translated(issue, replace(ENGLISH, title="Week 45 again"), may_replace=True)
    assert (second.slug, list(issue.translations.all())) == (first.slug, [second])


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"language": "nb"}, IssueError, "in the language of uke-45-2021 itself"),
        ({"language": "fi"}, SignupError, "no language 'fi'"),
        ({"week": 46}, IssueError, "of week 46 and uke-45-2021 of week 45"),
    ],
)
def test_what_is_no_translation_is_refused_in_a_sentence(issue, change, error, says):
    with pytest.raises(error, match=says):
        translated(issue, replace(ENGLISH, **change))
    assert Issue.objects.count() == 1


def test_a_translation_of_a_translation_is_refused_with_the_name_of_the_issue(issue):
    with pytest.raises(IssueError, match=rf"Name the issue that it translates: {issue.slug}"):
        translated(translated(issue), replace(ENGLISH, language="nb"))


def test_a_file_is_in_the_language_that_is_said(issue, tmp_path):
    file = tmp_path / "week-45.md"
    file.write_text("# Week 45\n\n## Campus\n\nFully booked until spring.\n")
    imported = import_translation(file, issue, language="en")
    assert (imported.is_new, imported.issue.language, imported.issue.week) == (True, "en", 45)
    with pytest.raises(SourceError):
        import_translation(tmp_path / "none.md", issue, language="en")


def test_subjects_and_preheaders_of_interests_are_read_back(db):
    make_issue()
    told = {"students": "For deg som studerer"}
    parsed = ParsedIssue(title="Uke 46", sections=(section("Studentbyen", "students"),), subjects=told, preheaders=told)
    stored = parsed_issue(store_issue(parsed, source="46").issue)
    assert (stored.subjects, stored.preheaders) == (told, told)


@pytest.mark.parametrize(
    "parsed",
    [
        ParsedIssue(title="Uke 46", subjects={"reindeer": "Rein"}),
        ParsedIssue(title="Uke 46", preheaders={"reindeer": "Rein"}),
    ],
)
def test_a_subject_for_an_interest_that_does_not_exist_is_refused(db, parsed):
    make_issue()
    with pytest.raises(IssueError, match=r"for 'reindeer', which is no interest\. There are: students"):
        store_issue(parsed, source="46")
