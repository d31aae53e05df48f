"""What readers had already: sections and links of the last issues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from mailer.checking.findings import Place, Sighting, seen
from mailer.checking.material import Material, groups, placed_links
from mailer.parsing.blocks import block_text
from mailer.parsing.issue import Block, ParsedIssue

EARLIER_ISSUES = 4
# Fewer words than this are alike by chance: "Vi ønsker alle en god helg".
_FEWEST_WORDS = 15
_SHINGLE = 4
# Of the new text's runs of four words, found together in one earlier section.
_MUCH = 0.5
_WORD = re.compile(r"\w+")

Shingles = frozenset[tuple[str, ...]]


def sections_sent_before(material: Material) -> Iterator[Sighting]:
    """Sections that stood in an earlier issue in the same words, or nearly."""
    earlier = [
        (issue.title, shingles)
        for issue in material.context.earlier[:EARLIER_ISSUES]
        for _, shingles in _sections(issue)
    ]
    for place, shingles in _sections(material.issue):
        alike = max(earlier, key=lambda one: len(shingles & one[1]), default=None)
        if alike and len(shingles & alike[1]) >= _MUCH * len(shingles):
            line = material.issue.sections[place.position].line
            yield seen(
                "section-sent-before", place, line, words=place.heading or _opening(material, place), issue=alike[0]
            )


def links_sent_before(material: Material) -> Iterator[Sighting]:
    """Links to a page that an earlier issue led to. Front pages are led to every week."""
    sent: dict[str, str] = {}
    for issue in reversed(material.context.earlier[:EARLIER_ISSUES]):
        sent |= {_same(each.target): issue.title for each in placed_links(issue) if each.target}
    told = set()
    for each in material.links:
        target = _same(each.target)
        if target in sent and target not in told and _is_a_page(target):
            told.add(target)
            yield seen("link-sent-before", each.place, each.link.line, words=each.link.text, issue=sent[target])


def _sections(issue: ParsedIssue) -> Iterator[tuple[Place, Shingles]]:
    for place, blocks in groups(issue):
        shingles = _shingles(blocks)
        if place is not None and len(shingles) > _FEWEST_WORDS - _SHINGLE:
            yield place, shingles


def _shingles(blocks: tuple[Block, ...]) -> Shingles:
    words = [word for block in blocks for word in _WORD.findall(block_text(block).casefold())]
    return frozenset(tuple(words[start : start + _SHINGLE]) for start in range(len(words) - _SHINGLE + 1))


def _opening(material: Material, place: Place) -> str:
    return block_text(material.issue.sections[place.position].blocks[0])


def _same(target: str) -> str:
    """An address without what does not change where it leads."""
    return target.partition("#")[0].rstrip("/")


def _is_a_page(target: str) -> bool:
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.path.strip("/") or parts.query)


CHECKS = (sections_sent_before, links_sent_before)
