"""A letter's outline: the groups and stories that one reader sees, what each is labelled with, and the contents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mailer.parsing.issue import Block, ParsedIssue, Section
from mailer.rendering.letter import Reader
from mailer.rendering.slots import clean
from mailer.rendering.variant import reasons, sections_for

# Fewer headings than this are seen at a glance; a list of them would only stand in the way.
FEWEST_CONTENTS = 3


@dataclass(frozen=True, slots=True)
class Story:
    """One section as the reader sees it. `because` are the interests that it is told to be there for."""

    position: int
    heading: str
    level: int
    blocks: tuple[Block, ...]
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Stories under one heading, or one that stands in no part (`heading` is then empty)."""

    heading: str
    because: tuple[str, ...]
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True)
class ContentsRow:
    """A line of the contents. `wholly` is false if only some of what it leads to is there for the interests."""

    heading: str
    group: int
    because: tuple[str, ...]
    wholly: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The letter as one reader sees it."""

    sections: tuple[int, ...]
    groups: tuple[Group, ...]
    contents: tuple[ContentsRow, ...]


def outline(issue: ParsedIssue, reader: Reader, *, suggested_headings: bool = False) -> Outline:
    """What the reader sees of the issue. A part is there if one of its sections is, where the first of them stands.

    Headings that are only suggestions are left out unless `suggested_headings`.
    """
    if not suggested_headings:
        issue = replace(issue, sections=tuple(map(_without_suggestion, issue.sections)))
    positions = sections_for(issue, reader)
    stories: dict[str, list[int]] = {}
    for position in positions:
        part = issue.sections[position].part
        # A section in no part is a group of its own; no part's name begins with a line end.
        stories.setdefault(part or f"\n{position}", []).append(position)
    because = {position: reasons(issue.sections[position], reader) for position in positions}
    groups = tuple(_group(issue, members, because) for members in stories.values())
    rows = tuple(row for i, group in enumerate(groups) if (row := _row(i, group, reader)).heading)
    return Outline(positions, groups, rows if len(rows) >= FEWEST_CONTENTS else ())


def _without_suggestion(section: Section) -> Section:
    return replace(section, heading="") if section.heading_suggested else section


def _group(issue: ParsedIssue, positions: list[int], because: Mapping[int, tuple[str, ...]]) -> Group:
    part = _line(issue.sections[positions[0]].part)
    shared = {because[position] for position in positions}
    # One label above the part says as much as the same one above each of its stories.
    common = shared.pop() if part and len(shared) == 1 else ()
    stories = tuple(
        _story(position, issue.sections[position], 3 if part else 2, () if common else because[position])
        for position in positions
    )
    return Group(part, common, stories)


def _story(position: int, section: Section, level: int, because: tuple[str, ...]) -> Story:
    return Story(position, _line(section.heading), level, section.blocks, because)


def _line(heading: str | None) -> str:
    return " ".join(clean(heading or "").split())


def _row(index: int, group: Group, reader: Reader) -> ContentsRow:
    told = [story.because for story in group.stories]
    some = {slug for slugs in told for slug in slugs}
    because = group.because or tuple(slug for slug in dict.fromkeys(reader.interests) if slug in some)
    return ContentsRow(group.heading or group.stories[0].heading, index, because, bool(group.because) or all(told))
