"""An issue in more than one language: how a translation is stored, and which text a reader gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db import transaction

from mailer.models.issue import Issue
from mailer.models.parsed import IssueError, Stored, parsed_issue, store_issue
from mailer.parsing.issue import ParsedIssue
from mailer.rendering.letter import Reader
from mailer.rendering.variant import sections_for
from subscribers.signup import check_language


@dataclass(frozen=True, slots=True)
class Editions:
    """An issue as its author wrote it, and its translations by language."""

    main: ParsedIssue
    translations: Mapping[str, ParsedIssue] = field(default_factory=dict)

    def for_reader(self, reader: Reader) -> ParsedIssue:
        """The text in the reader's language, or the main one where there is none, or nothing in it for them."""
        translation = self.translations.get(reader.language)
        return translation if translation is not None and sections_for(translation, reader) else self.main

    def all(self) -> tuple[ParsedIssue, ...]:
        """Every text there is, the main one first."""
        return (self.main, *self.translations.values())


def editions(issue: Issue) -> Editions:
    """Return an issue with its translations."""
    translations = issue.translations.order_by("language")
    return Editions(parsed_issue(issue), {each.language: parsed_issue(each) for each in translations})


@transaction.atomic
def store_translation(parsed: ParsedIssue, main: Issue, *, source: str, may_replace: bool = False) -> Stored:
    """Store an issue's text in another language, with the week of the issue; the same source is stored once.

    Raises IssueError when it can't be a translation of this issue, or there is one in this language that it may not replace, and
    SignupError for a language that no reader has.
    """
    # Two translations into one language at the same time: the second waits, and then finds the first.
    main = Issue.objects.select_for_update(of=("self",)).get(pk=main.pk)
    _check(parsed, main)
    parsed = replace(parsed, year=main.year, week=main.week)
    existing = main.translations.filter(language=parsed.language).first()
    if existing is not None and existing.source != source:
        if not may_replace:
            raise IssueError(
                f"{main.slug} has a translation into this language: {existing.slug}. "
                "Add --replace to put the new one in its place. Nothing was imported."
            )
        existing.delete()
    return store_issue(parsed, source=source, translation_of=main)


def _check(parsed: ParsedIssue, main: Issue) -> None:
    check_language(parsed.language)
    if main.translation_of is not None:
        raise IssueError(
            f"{main.slug} is a translation itself. Name the issue that it translates: {main.translation_of.slug}."
        )
    if parsed.language == main.language:
        raise IssueError(
            f"The text is in the language of {main.slug} itself ({main.language}). "
            "If it is in another, say so with --language. Nothing was imported."
        )
    if None not in (parsed.week, main.week) and parsed.week != main.week:
        raise IssueError(
            f"The text is of week {parsed.week} and {main.slug} of week {main.week}, so it is no translation of it. Nothing was imported."
        )
