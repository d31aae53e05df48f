"""What an inbox shows of a letter: the subject and the line beside it."""

from __future__ import annotations

from collections.abc import Iterator

from mailer.checking.findings import Sighting, seen
from mailer.checking.material import Material

# Phones show 35 to 45 characters, the widest inboxes 60 to 70.
LONGEST_SUBJECT = 60
LONGEST_PREHEADER = 100


def missing_subject(material: Material) -> Iterator[Sighting]:
    """A letter without a subject."""
    if not material.issue.title.strip():
        yield seen("subject-missing")


def long_subject(material: Material) -> Iterator[Sighting]:
    """A subject that inboxes cut."""
    for text in dict.fromkeys([material.issue.title, *_own(material, "subjects")]):
        if len(text.strip()) > LONGEST_SUBJECT:
            yield seen("subject-long", words=text, length=len(text.strip()), most=LONGEST_SUBJECT)


def missing_preheader(material: Material) -> Iterator[Sighting]:
    """No line of one's own beside the subject."""
    if not material.issue.preheader.strip():
        yield seen("preheader-missing")


def long_preheader(material: Material) -> Iterator[Sighting]:
    """A line that inboxes cut."""
    for text in dict.fromkeys([material.issue.preheader, *_own(material, "preheaders")]):
        if len(text.strip()) > LONGEST_PREHEADER:
            yield seen("preheader-long", words=text, length=len(text.strip()), most=LONGEST_PREHEADER)


def _own(material: Material, key: str) -> list[str]:
    """The texts that an issue has for the followers of one interest."""
    return list(getattr(material.issue, key, {}).values())


CHECKS = (missing_subject, long_subject, missing_preheader, long_preheader)
