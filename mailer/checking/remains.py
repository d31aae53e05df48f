"""What importing left to be looked at: suggestions that nobody has accepted, and HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailer.checking.findings import Sighting, Term, seen
from mailer.checking.material import Material, Passage
from mailer.parsing.commonmark import commonmark, inline_text
from mailer.parsing.issue import Section

_ELEMENTS = ("script", "iframe", "form", "input", "button", "object", "embed", "video", "audio", "svg", "style")
_REMOVED = re.compile(rf"<({'|'.join(_ELEMENTS)})\b|\s(on[a-z]{{3,20}})\s*=\s*[\"']|(javascript):", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(r"<(?:!doctype|html|head|body|div|p|br|span|table)\b", re.IGNORECASE)
_TAG = re.compile(r"</?(?:[a-z][a-z0-9]{0,10})(?:\s[^<>]{0,200})?/?>|<!--", re.IGNORECASE)
_KNOWN = re.compile(
    r"</?(?:a|abbr|b|blockquote|body|br|center|code|div|em|font|form|h[1-6]|head|hr|html|i|iframe|img|input|li|link|"
    r"meta|object|ol|p|pre|s|script|small|span|strong|style|sub|sup|svg|table|tbody|td|th|tr|u|ul|video)\b|<!--",
    re.IGNORECASE,
)
_QUOTED = re.compile("“(.*?)”")
_FRONT_MATTER = {"unknown-key", "unknown-heading"}


def open_suggestions(material: Material) -> Iterator[Sighting]:
    """Headings, cuts and interests that were suggested. One finding, as one press accepts them all."""
    sections = material.issue.sections
    suggested = [section for section in sections if _is_suggested(section)]
    if suggested:
        yield seen(
            "suggestions-open",
            line=suggested[0].line,
            headings=sum(section.heading_suggested for section in sections),
            cuts=sum(section.cut_suggested for section in sections),
            interests=sum(section.interests_suggested for section in sections),
        )


def suggested_texts(material: Material) -> Iterator[Sighting]:
    """A title or a line for the inbox that the importer made up."""
    for doubt in material.issue.unsure:
        if doubt.code == "preheader-suggested":
            yield seen("preheader-suggested", line=doubt.line, words=material.issue.preheader)
        elif doubt.code == "title-suggested":
            yield seen("title-suggested", line=doubt.line, words=material.issue.title)


def unused_front_matter(material: Material) -> Iterator[Sighting]:
    """Lines of the front matter that mean nothing to us: a spelling mistake loses what was meant."""
    for doubt in material.issue.unsure:
        if doubt.code in _FRONT_MATTER:
            found = _QUOTED.search(doubt.what)
            yield seen("front-matter-unused", line=doubt.line, words=found[1] if found else doubt.what)


def removed_html(material: Material) -> Iterator[Sighting]:
    """Script, event handlers and the like in the source of an HTML import: none of it is in the letter."""
    source = material.context.source
    if not _LOOKS_LIKE_HTML.search(source):
        return
    shown = "\n".join(passage.text for passage in material.passages)
    names = [next(filter(None, found.groups())).lower() for found in _REMOVED.finditer(source)]
    removed = tuple(name for name in dict.fromkeys(names) if f"<{name}" not in shown)
    if removed:
        yield seen("html-removed", names=removed)


def shown_html(material: Material) -> Iterator[Sighting]:
    """HTML in running text: readers see its signs."""
    for passage in material.passages:
        if passage.kind == "code" or "<" not in passage.text:
            continue
        tags = (found[0] for found in _TAG.finditer(_outside_code(passage)) if _KNOWN.match(found[0]))
        if tag := next(tags, None):
            yield seen("html-shown", passage.place, passage.line, words=tag)


def empty_sections(material: Material) -> Iterator[Sighting]:
    """Headings with nothing below them."""
    for passage in material.passages:
        if passage.kind == "heading" and passage.place and not material.issue.sections[passage.place.position].blocks:
            yield seen("section-empty", passage.place, passage.line, words=passage.text or Term("no-heading"))


def _outside_code(passage: Passage) -> str:
    """A passage's words without those that are meant to be code."""
    if passage.block is None:
        return passage.text
    inlines = (token.children or [] for token in commonmark().parse(passage.block.markdown))
    return "\n".join(inline_text([child for child in inline if child.type != "code_inline"]) for inline in inlines)


def _is_suggested(section: Section) -> bool:
    return section.heading_suggested or section.cut_suggested or section.interests_suggested


CHECKS = (open_suggestions, suggested_texts, unused_front_matter, removed_html, shown_html, empty_sections)
