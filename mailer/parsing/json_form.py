"""A ParsedIssue as plain JSON values: what `ukebrev issue parse --json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from mailer.parsing.blocks import block_items, block_text, links
from mailer.parsing.cards import SuggestedEvent
from mailer.parsing.issue import Block, ParsedIssue, Section


def to_json(issue: ParsedIssue) -> dict[str, Any]:
    """The issue as dicts, lists, strings and numbers. A block has `items` when it is a list, else `text`."""
    return {
        "title": issue.title,
        "preheader": issue.preheader,
        "language": issue.language,
        "year": issue.year,
        "week": issue.week,
        "intro": [_block(block) for block in issue.intro],
        "parts": list(issue.parts),
        "sections": [_section(section) for section in issue.sections],
        "closing": [_block(block) for block in issue.closing],
        "dropped": [{"line": each.line, "text": each.text} for each in issue.dropped],
        "unsure": [{"line": each.line, "code": each.code, "what": each.what} for each in issue.unsure],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "part": section.part,
        "heading": section.heading,
        "heading_suggested": section.heading_suggested,
        "interests": list(section.interests),
        "interests_suggested": section.interests_suggested,
        "cut_suggested": section.cut_suggested,
        "events_suggested": [event_values(event) for event in section.events_suggested],
        "line": section.line,
        "blocks": [_block(block) for block in section.blocks],
        "links": [{"text": link.text, "target": link.target, "line": link.line} for link in links(section.blocks)],
    }


def event_values(event: SuggestedEvent) -> dict[str, Any]:
    """A suggested event; days and times as ISO 8601, without a time zone."""
    return {
        "title": event.title,
        "start": event.start.isoformat(),
        "end": event.end.isoformat() if event.end else None,
        "place": event.place,
        "line": event.line,
    }


def read_event(values: Mapping[str, Any]) -> SuggestedEvent:
    """The suggested event that `event_values` was given."""
    start, end = _moment(values["start"]), values["end"]
    return SuggestedEvent(values["title"], start, _moment(end) if end else None, values["place"], line=values["line"])


def _moment(text: str) -> date | datetime:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _block(block: Block) -> dict[str, Any]:
    words: dict[str, Any] = {"items": block_items(block)} if block.kind == "list" else {"text": block_text(block)}
    return {"kind": block.kind, **words, "markdown": block.markdown, "line": block.line}
