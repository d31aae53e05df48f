"""The shape that every importer gives and every renderer takes: one weekly update, with what the importer was unsure of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mailer.parsing.cards import SuggestedEvent

BlockKind = Literal[
    "paragraph", "heading", "quotation", "list", "image", "table", "code", "rule", "event", "person", "note"
]


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a text.

    `markdown` is the block as CommonMark with tables and strikethrough; what an author typed and did not mean as markup is escaped.
    `line` is the 1-based line of the source it began on, or None when it has no source.
    """

    kind: BlockKind
    markdown: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One story. `part` is the heading of the part it stands in, or None; `interests` are slugs, none means everyone.

    `events_suggested` were found in its text and are no part of it yet, so that no letter shows them and no export has them.
    """

    heading: str
    blocks: tuple[Block, ...]
    part: str | None = None
    interests: tuple[str, ...] = ()
    heading_suggested: bool = False
    interests_suggested: bool = False
    cut_suggested: bool = False
    events_suggested: tuple[SuggestedEvent, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line of the source that is page furniture and stands in no letter."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """Something an editor should look at: `what` is a sentence for people; `code` is stable, for machines."""

    line: int
    code: str
    what: str


@dataclass(frozen=True, slots=True)
class ParsedIssue:
    """One weekly update. `parts` are headings in order; `year` and `week` are ISO 8601, None where the source does not tell.

    `subjects` and `preheaders` hold, by an interest's slug, what its followers read in their inbox in place of the title and `preheader`.
    """

    title: str
    preheader: str = ""
    language: str = "nb"
    year: int | None = None
    week: int | None = None
    intro: tuple[Block, ...] = ()
    parts: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    closing: tuple[Block, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    unsure: tuple[Unsure, ...] = ()
    # Not part of the hash, which a mapping has none of; two issues that differ in them are not equal.
    subjects: Mapping[str, str] = field(default_factory=dict, hash=False)
    preheaders: Mapping[str, str] = field(default_factory=dict, hash=False)


class SourceError(ValueError):
    """The source can't be read as an issue. The message is a whole sentence for people: what is wrong, where, what to do."""
