"""Which sections a reader sees, and which readers see the same letter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mailer.parsing.issue import ParsedIssue, Section
from mailer.rendering.letter import Reader


def is_for(section: Section, reader: Reader) -> bool:
    """Whether the reader gets the section: it is for everyone, they asked for everything, or an interest matches."""
    return not section.interests or not reader.interests or bool(reasons(section, reader))


def reasons(section: Section, reader: Reader) -> tuple[str, ...]:
    """The reader's interests because of which they see the section; none for a common one."""
    return tuple(slug for slug in reader.interests if slug in section.interests)


def more_and_less(section: Section, reader: Reader) -> tuple[str, str]:
    """Of a section with interests: the one that the reader may want more of, and the one that they may want less of.

    More is the first that they don't follow yet, less the first because of which they see it. Who follows nothing, and so gets all, is
    asked about the section's first. The same for all readers who share a letter (see `key`).
    """
    more = next((slug for slug in section.interests if reader.interests and slug not in reader.interests), "")
    less = next(iter(reasons(section, reader)), "")
    return more or less or section.interests[0], less or section.interests[0]


def sections_for(issue: ParsedIssue, reader: Reader) -> tuple[int, ...]:
    """Positions, in the issue, of the sections that the reader sees, in the editor's order."""
    return tuple(position for position, section in enumerate(issue.sections) if is_for(section, reader))


def interests_that_matter(issue: ParsedIssue, reader: Reader) -> tuple[str, ...]:
    """The reader's interests that this issue has something for, once each, in the order given."""
    used = {slug for section in issue.sections for slug in section.interests}
    return tuple(dict.fromkeys(slug for slug in reader.interests if slug in used))


def chosen(texts: Mapping[str, str], issue: ParsedIssue, reader: Reader) -> str | None:
    """The text written for the first of the reader's interests that has one and a section in this issue, if any."""
    return next((texts[slug] for slug in interests_that_matter(issue, reader) if texts.get(slug, "").strip()), None)


def key(issue: ParsedIssue, reader: Reader) -> tuple[str, bool, frozenset[str]]:
    """Equal for two readers exactly when they see the same letter."""
    return reader.language, bool(reader.interests), frozenset(interests_that_matter(issue, reader))


def distinct_variants(issue: ParsedIssue, readers: Iterable[Reader]) -> Mapping[Reader, Reader]:
    """For each reader the one whose letter they share: render the distinct values, then look each reader up."""
    first: dict[tuple[str, bool, frozenset[str]], Reader] = {}
    return {reader: first.setdefault(key(issue, reader), reader) for reader in readers}


def in_order(reader: Reader, slugs: Iterable[str]) -> Reader:
    """The reader with interests in the organisation's order, so that the letter names them in it too.

    Interests that the organisation doesn't know keep their order, at the end.
    """
    known = tuple(slug for slug in slugs if slug in reader.interests)
    rest = tuple(slug for slug in dict.fromkeys(reader.interests) if slug not in known)
    return replace(reader, interests=known + rest)
