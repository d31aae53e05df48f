"""A file becomes a stored draft: read, given its year, stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from django.utils import timezone

from mailer.models.issue import Issue
from mailer.models.parsed import store_issue
from mailer.models.translations import store_translation
from mailer.models.weeks import nearest_year, read_week
from mailer.parsing.events import suggest_events
from mailer.parsing.importing import is_written_for_us, parse_source
from mailer.parsing.interests import load_interest_words
from mailer.parsing.issue import ParsedIssue
from mailer.parsing.source import Source, read_source
from subscribers.signup import check_language


@dataclass(frozen=True, slots=True)
class Imported:
    """The record, what was read, and whether the record is new."""

    issue: Issue
    parsed: ParsedIssue
    is_new: bool


def import_issue(file: Path, *, words_file: Path | None = None, week: str = "", language: str = "") -> Imported:
    """Read a file and store it as a draft issue.

    `week` is like 2021-W45; without it, a week number in the text gets the year in which that week lies nearest to today.
    `language` (nb or en) is what the text is written in, where the text is not to be asked.
    Raises SourceError, WeekError, IssueError, or SignupError for a language that no reader has; nothing is stored then.
    """
    parsed, source = _read(file, words_file, language)
    if week:
        year, number = read_week(week)
        parsed = replace(parsed, year=year, week=number)
    elif parsed.week is not None and parsed.year is None:
        parsed = replace(parsed, year=nearest_year(parsed.week, timezone.localdate()))
    if not is_written_for_us(source):
        # Only now that the year is known: "17. november" is a date in it. What was written for us is taken as it stands.
        parsed = suggest_events(parsed)
    stored = store_issue(parsed, source=source.text)
    return Imported(issue=stored.issue, parsed=parsed, is_new=stored.is_new)


def import_translation(
    file: Path, main: Issue, *, words_file: Path | None = None, language: str = "", may_replace: bool = False
) -> Imported:
    """Read a file and store it as the translation of an issue, whose week it has.

    `may_replace` puts it in the place of an earlier translation into the same language. Raises what `import_issue` does.
    """
    parsed, source = _read(file, words_file, language)
    stored = store_translation(parsed, main, source=source.text, may_replace=may_replace)
    return Imported(issue=stored.issue, parsed=parsed, is_new=stored.is_new)


def _read(file: Path, words_file: Path | None, language: str) -> tuple[ParsedIssue, Source]:
    source = read_source(file)
    parsed = parse_source(source, words=load_interest_words(words_file) if words_file else None)
    return (replace(parsed, language=check_language(language)) if language else parsed), source
