"""What importing left to be looked at: suggestions that nobody has accepted, and HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mailer.checking.findings import Counted, Quoted, Sighting, Term, seen
from mailer.checking.material import CARDS, Material
from mailer.parsing.commonmark import is_too_deep
from mailer.parsing.issue import Section

# Styles are left out as well, of which nobody needs to hear: every page and every Word document has some.
_ELEMENTS = ("script", "iframe", "form", "input", "button", "object", "embed", "video", "audio")
_REMOVED = re.compile(rf"<({'|'.join(_ELEMENTS)})\b|\s(on[a-z]{{3,20}})\s*=\s*[\"']|(javascript):", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>]*", re.IGNORECASE)
_ON_THE_WEB = re.compile(r"\ssrc\s*=\s*[\"']?\s*https?://", re.IGNORECASE)
_LOOKS_LIKE_HTML = re.compile(r"<(?:!doctype|html|head|body|div|p|br|span|table)\b", re.IGNORECASE)
_TAG = re.compile(r"</?(?:[a-z][a-z0-9]{0,10})(?:\s[^<>]{0,200})?/?>|<!--", re.IGNORECASE)
_KNOWN = re.compile(
    r"</?(?:a|abbr|b|blockquote|body|br|center|code|div|em|font|form|h[1-6]|head|hr|html|i|iframe|img|input|li|link|"
    r"meta|object|ol|p|pre|s|script|small|span|strong|style|sub|sup|svg|table|tbody|td|th|tr|u|ul|video)\b|<!--",
    re.IGNORECASE,
)
_QUOTED = re.compile("“(.*?)”")
_MOST_NAMED = 8
_FRONT_MATTER = {"unknown-key", "unknown-heading"}


def open_suggestions(material: Material) -> Iterator[Sighting]:
    """What was suggested and nobody has accepted. One finding, as one press accepts it all."""
    sections = material.issue.sections
    suggested = [section for section in sections if _is_suggested(section)]
    if suggested:
        counts = {
            "headings": sum(section.heading_suggested for section in sections),
            "cuts": sum(section.cut_suggested for section in sections),
            "interests": sum(section.interests_suggested for section in sections),
            "events": sum(len(section.events_suggested) for section in sections),
        }
        names = tuple(Counted(Term(f"suggested-{kind}"), count) for kind, count in counts.items() if count)
        yield seen("suggestions-open", line=suggested[0].line, names=names)


def hidden_suggestions(material: Material) -> Iterator[Sighting]:
    """Headings and events that stand in no letter before someone has accepted them."""
    sections = material.issue.sections
    headings = tuple(section.heading for section in sections if section.heading_suggested and section.heading)
    events = tuple(event.title for section in sections for event in section.events_suggested)
    if headings:
        yield seen("headings-hidden", names=_some(headings))
    if events:
        yield seen("events-hidden", names=_some(events))


def narrowed_sections(material: Material) -> Iterator[Sighting]:
    """Sections that some readers don't get because of interests that were only suggested: those count from the first."""
    sections = material.issue.sections
    narrowed = [section for section in sections if section.interests_suggested and section.interests]
    if narrowed:
        yield seen("interests-narrow", names=_some(tuple(section.heading or "…" for section in narrowed)))


def nested_deeply(material: Material) -> Iterator[Sighting]:
    """Lists and quotations that a letter shows as they were typed, because mail programs can't show so many levels."""
    for passage in material.passages:
        if passage.block is not None and passage.kind not in CARDS and is_too_deep(passage.block.markdown):
            yield seen("nested-deep", passage.place, passage.line, words=passage.text)


def suggested_texts(material: Material) -> Iterator[Sighting]:
    """A title or a line for the inbox that the importer made up."""
    for doubt in material.issue.unsure:
        if doubt.code == "preheader-suggested":
            yield seen("preheader-suggested", line=doubt.line or None, words=material.issue.preheader)
        elif doubt.code == "title-suggested":
            yield seen("title-suggested", line=doubt.line or None, words=material.issue.title)


def unused_front_matter(material: Material) -> Iterator[Sighting]:
    """Lines of the front matter that mean nothing to us: a spelling mistake loses what was meant."""
    for doubt in material.issue.unsure:
        if doubt.code in _FRONT_MATTER:
            found = _QUOTED.search(doubt.what)
            yield seen("front-matter-unused", line=doubt.line or None, words=found[1] if found else doubt.what)


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


def left_out_images(material: Material) -> Iterator[Sighting]:
    """Images of a page or Word document that had no address on the web: importing leaves them out."""
    source = material.context.source
    images = _IMAGE.findall(source) if _LOOKS_LIKE_HTML.search(source) else []
    count = sum(_ON_THE_WEB.search(image) is None for image in images)
    if count:
        yield seen("images-left-out", count=count)


def shown_html(material: Material) -> Iterator[Sighting]:
    """HTML in running text: readers see its signs."""
    for passage in material.passages:
        if passage.kind == "code" or "<" not in passage.text:
            continue
        tags = (found[0] for found in _TAG.finditer(passage.prose) if _KNOWN.match(found[0]))
        if tag := next(tags, None):
            yield seen("html-shown", passage.place, passage.line, words=tag)


def empty_sections(material: Material) -> Iterator[Sighting]:
    """Headings with nothing below them."""
    for passage in material.passages:
        if passage.kind == "heading" and passage.place and not material.issue.sections[passage.place.position].blocks:
            yield seen("section-empty", passage.place, passage.line, words=passage.text or Term("no-heading"))


def _some(names: tuple[str, ...]) -> tuple[str | Counted, ...]:
    """The first few, and how many more there are."""
    left = len(names) - _MOST_NAMED
    shown = tuple(map(Quoted, names[:_MOST_NAMED]))
    return (*shown, Counted(Term("more"), left)) if left > 0 else shown


def _is_suggested(section: Section) -> bool:
    return (
        section.heading_suggested
        or section.cut_suggested
        or section.interests_suggested
        or bool(section.events_suggested)
    )


CHECKS = (
    open_suggestions,
    hidden_suggestions,
    narrowed_sections,
    nested_deeply,
    suggested_texts,
    unused_front_matter,
    removed_html,
    left_out_images,
    shown_html,
    empty_sections,
)
