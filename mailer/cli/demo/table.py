"""The demo's last page: who got what, and where it lies."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from mailer.cli.demo.received import Received, received
from mailer.cli.output import print_table, say
from mailer.local.paths import var
from mailer.models import Campaign, Issue
from mailer.models.parsed import parsed_issue
from mailer.parsing.issue import ParsedIssue


def print_result(campaign: Campaign, issue: Issue, previews: Path) -> bool:
    """Print what lies in the inboxes, and tell whether everyone got one letter with just the sections that are theirs."""
    parsed = parsed_issue(issue)
    found = received(campaign, parsed, var().inbox)
    print_table(
        ["Segment", "Recipients", "Delivered", "Sections in their mails"],
        _rows(found),
        numbers=["Recipients", "Delivered"],
        title="What the inboxes hold",
    )
    say("")
    for position, section in enumerate(parsed.sections):
        whose = ", ".join(section.interests) or "everyone"
        say(f"  {position + 1:>2}. {section.heading} (for {whose})")
    faults = _faults(found, parsed)
    say(f"\nMails (Maildirs): {var().inbox}\nPreviews (HTML):  {previews}")
    for fault in faults:
        say(fault)
    delivered = sum(item.copies == 1 for item in found)
    say(f"delivered {delivered} of {len(found)}")
    return delivered == len(found) and not faults


def _rows(found: list[Received]) -> list[list[object]]:
    segments: dict[tuple[str, ...], list[Received]] = defaultdict(list)
    for item in found:
        segments[tuple(item.delivery.variant.interests)].append(item)
    return [
        [
            ", ".join(interests) or "everything",
            len(items),
            sum(item.copies == 1 for item in items),
            _positions(items[0].sections),
        ]
        for interests, items in sorted(segments.items(), key=lambda pair: (len(pair[0]), pair[0]))
    ]


def _positions(sections: tuple[int, ...]) -> str:
    return " ".join(str(position + 1) for position in sections)


def _faults(found: list[Received], parsed: ParsedIssue) -> list[str]:
    faults = [f"{item.delivery.address} got {item.copies} copies." for item in found if item.copies != 1]
    for item in found:
        follows = set(item.delivery.variant.interests)
        theirs = tuple(
            position
            for position, section in enumerate(parsed.sections)
            if not follows or not section.interests or follows & set(section.interests)
        )
        if item.copies and item.sections != theirs:
            faults.append(
                f"{item.delivery.address} got the sections {_positions(item.sections)}, not {_positions(theirs)}."
            )
    return faults
