"""Between the records and the pure form: a ParsedIssue is stored as an Issue with its parts and sections, and read back from them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.text import slugify

from mailer.models.issue import Issue, Part, Section
from mailer.parsing.cutting import join_blocks, split_blocks
from mailer.parsing.issue import Dropped, ParsedIssue, Unsure
from mailer.parsing.issue import Section as ParsedSection
from mailer.parsing.json_form import event_values, read_event
from subscribers.models import Interest

# Django's slugify drops letters that have no ASCII base; these two would be missed.
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "Æ": "Ae", "Ø": "O"})


class IssueError(ValueError):
    """The issue can't be stored. The message is a sentence for people; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The record, and whether it is new: the same source is stored once."""

    issue: Issue
    is_new: bool


def digest(source: str) -> str:
    """Return what tells one source text from another."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def store_issue(parsed: ParsedIssue, *, source: str, translation_of: Issue | None = None) -> Stored:
    """Store an issue as a draft, all of it or nothing.

    The same source for the same week is stored once: its record is returned as it stands, with whatever was edited since.
    Raises IssueError when a section, a subject or a preheader names an interest that does not exist.
    """
    known = {interest.slug: interest for interest in Interest.objects.all()}
    _check_interests(parsed, known)
    whose = f"{translation_of.pk}-{parsed.language}\n" if translation_of else ""
    source_digest = digest(f"{whose}{parsed.year}-{parsed.week}\n{source}")
    existing = Issue.objects.filter(source_digest=source_digest).first()
    if existing is not None:
        return Stored(existing, is_new=False)
    issue = Issue.objects.create(
        slug=_free_slug(f"{translation_of.slug}-{parsed.language}" if translation_of else _slug(parsed)),
        translation_of=translation_of,
        title=parsed.title,
        preheader=parsed.preheader,
        subjects=dict(parsed.subjects),
        preheaders=dict(parsed.preheaders),
        language=parsed.language,
        year=parsed.year,
        week=parsed.week,
        intro=join_blocks(parsed.intro),
        closing=join_blocks(parsed.closing),
        source=source,
        source_digest=source_digest,
        import_report={
            "dropped": [asdict(line) for line in parsed.dropped],
            "unsure": [asdict(doubt) for doubt in parsed.unsure],
            # One list for each section, in their order.
            "events": [[event_values(event) for event in section.events_suggested] for section in parsed.sections],
        },
    )
    _store_sections(issue, parsed, known)
    return Stored(issue, is_new=True)


def _check_interests(parsed: ParsedIssue, known: Mapping[str, Interest]) -> None:
    for section in parsed.sections:
        where = f"Line {section.line}: the" if section.line else "The"
        _check_known(section.interests, known, f"{where} section '{section.heading}' is")
    _check_known(parsed.subjects, known, "One of the subjects is")
    _check_known(parsed.preheaders, known, "One of the preheaders is")


def _check_known(slugs: Iterable[str], known: Mapping[str, Interest], what: str) -> None:
    for slug in slugs:
        if slug not in known:
            raise IssueError(
                f"{what} for '{slug}', which is no interest. "
                f"There are: {', '.join(known) or 'none yet'}. Nothing was imported."
            )


def _store_sections(issue: Issue, parsed: ParsedIssue, known: dict[str, Interest]) -> None:
    parts = Part.objects.bulk_create(
        Part(issue=issue, position=position, heading=heading) for position, heading in enumerate(parsed.parts)
    )
    by_heading = {part.heading: part for part in parts}
    sections = Section.objects.bulk_create(
        Section(
            issue=issue,
            part=by_heading[section.part] if section.part is not None else None,
            position=position,
            heading=section.heading,
            heading_suggested=section.heading_suggested,
            body=join_blocks(section.blocks),
            cut_suggested=section.cut_suggested,
            interests_suggested=section.interests_suggested,
        )
        for position, section in enumerate(parsed.sections)
    )
    through = Section.interests.through
    through.objects.bulk_create(
        through(section_id=record.pk, interest_id=known[slug].pk)
        for record, section in zip(sections, parsed.sections, strict=True)
        for slug in dict.fromkeys(section.interests)
    )


def _slug(parsed: ParsedIssue) -> str:
    stem = slugify(parsed.title.translate(_LETTERS))[:60] or "issue"
    return f"{stem}-{parsed.year}" if parsed.year and str(parsed.year) not in stem else stem


def _free_slug(stem: str) -> str:
    taken = set(Issue.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def parsed_issue(issue: Issue, *, with_report: bool = False) -> ParsedIssue:
    """Return an issue in the form that renderers and exporters take. Four queries, whatever its length.

    `with_report` adds what the importer dropped and was unsure of, with the lines of the source.
    """
    report = issue.import_report if with_report else {}
    events = dict(enumerate(report.get("events", [])))
    sections = issue.sections.select_related("part").prefetch_related("interests")
    return ParsedIssue(
        title=issue.title,
        preheader=issue.preheader,
        subjects=issue.subjects,
        preheaders=issue.preheaders,
        language=issue.language,
        year=issue.year,
        week=issue.week,
        intro=split_blocks(issue.intro),
        parts=tuple(issue.parts.values_list("heading", flat=True)),
        sections=tuple(
            ParsedSection(
                heading=section.heading,
                blocks=split_blocks(section.body),
                part=section.part.heading if section.part else None,
                interests=tuple(interest.slug for interest in section.interests.all()),
                heading_suggested=section.heading_suggested,
                interests_suggested=section.interests_suggested,
                cut_suggested=section.cut_suggested,
                events_suggested=tuple(read_event(values) for values in events.get(section.position, ())),
            )
            for section in sections
        ),
        closing=split_blocks(issue.closing),
        dropped=tuple(Dropped(**line) for line in report.get("dropped", [])),
        unsure=tuple(Unsure(**doubt) for doubt in report.get("unsure", [])),
    )
