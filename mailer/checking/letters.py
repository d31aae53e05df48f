"""The letters as they are sent: size, style blocks, headings, the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import html as lxml_html

from mailer.checking.drawing import Undrawable, draw
from mailer.checking.findings import Sighting, seen
from mailer.checking.material import Letter, Material
from mailer.parsing.issue import ParsedIssue

# Gmail cuts a letter off at 102 kB of decoded HTML and hides the rest, the way to unsubscribe with it.
CLIPPED_BYTES = 102_000
LARGE_BYTES = 80_000
# Gmail leaves out a style block over 8 kB, and whatever goes beyond 16 kB in all.
STYLE_BLOCK_BYTES = 8192
STYLE_BYTES = 16_384
_MOST_PARTS = 6
_UNSUBSCRIBE = "@@UNSUBSCRIBE_URL@@"
_CONDITIONAL = re.compile(r"<!--\[if.*?<!\[endif\]-->", re.DOTALL)
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def large_letters(material: Material) -> Iterator[Sighting]:
    """The largest letter, if it comes near what Gmail shows, with what takes the room."""
    sizes = {letter: len(letter.filled(material.context.slots).encode()) for letter in material.letters}
    letter = max(sizes, key=lambda each: sizes[each], default=None)
    if letter is None or sizes[letter] <= LARGE_BYTES:
        return
    code = "letter-clipped" if sizes[letter] > CLIPPED_BYTES else "letter-large"
    clipped = sum(size > CLIPPED_BYTES for size in sizes.values())
    parts = tuple(f"{name} {size / 1000:.0f} kB" for name, size in part_sizes(material, letter))
    yield seen(
        code, size=round(sizes[letter] / 1000), most=CLIPPED_BYTES // 1000, parts=parts, letters=clipped, of=len(sizes)
    )


def part_sizes(material: Material, letter: Letter) -> list[tuple[str, int]]:
    """What the letter would be smaller by without each of its parts, in bytes, the largest first."""
    whole = len(letter.html.encode())
    sizes = []
    for name, less in _without_each(material.issue):
        try:
            sizes.append((name, whole - len(draw(replace(material, issue=less), letter.reader).html.encode())))
        except Undrawable:
            continue
    return sorted(sizes, key=lambda each: -each[1])[:_MOST_PARTS]


def large_styles(material: Material) -> Iterator[Sighting]:
    """Style blocks that Gmail leaves out."""
    for letter in material.letters[:1]:
        sizes = [len(style.encode()) for style in styles(letter)]
        if max(sizes, default=0) > STYLE_BLOCK_BYTES:
            yield seen("style-block-large", size=max(sizes) / 1000, most=STYLE_BLOCK_BYTES / 1000)
        if sum(sizes) > STYLE_BYTES:
            yield seen("styles-large", size=sum(sizes) / 1000, most=STYLE_BYTES / 1000)


def heading_order(material: Material) -> Iterator[Sighting]:
    """Headings that skip a level, or none to begin with: screen readers jump from one to the next (WCAG 1.3.1)."""
    for letter in material.letters[:1]:
        levels = [(int(element.tag[1]), _words(element)) for element in letter.tree.iter(*_HEADINGS)]
        # Of an issue without a title that is told already.
        if material.issue.title.strip() and sum(level == 1 for level, _ in levels) != 1:
            yield seen("heading-first", count=sum(level == 1 for level, _ in levels))
        before = 1
        for level, words in levels:
            if level > before + 1:
                yield seen("heading-skipped", words=words, level=level, before=before)
            before = level


def empty_headings(material: Material) -> Iterator[Sighting]:
    """Headings without words."""
    for letter in material.letters[:1]:
        if any(not _words(element) for element in letter.tree.iter(*_HEADINGS)):
            yield seen("heading-empty")


def images_without_alt(material: Material) -> Iterator[Sighting]:
    """Images of a template without the attribute: screen readers spell out their addresses."""
    for letter in material.letters[:1]:
        for image in letter.tree.iter("img"):
            if image.get("alt") is None:
                yield seen("image-alt-missing", address=str(image.get("src", "")))


def missing_unsubscribe(material: Material) -> Iterator[Sighting]:
    """A letter without a way out, in HTML or in plain text."""
    if any(_UNSUBSCRIBE not in letter.html or _UNSUBSCRIBE not in letter.text for letter in material.letters):
        yield seen("unsubscribe-missing")


def styles(letter: Letter) -> list[str]:
    """The style blocks that mail programs other than Outlook for Windows read."""
    return _STYLE.findall(_CONDITIONAL.sub("", letter.html))


def _without_each(issue: ParsedIssue) -> Iterator[tuple[str, ParsedIssue]]:
    """The issue without each part, each section that stands in none, and the intro."""
    names = list(
        dict.fromkeys((section.part, "" if section.part else str(i)) for i, section in enumerate(issue.sections))
    )
    weights = {
        name: sum(len(block.markdown) for i in _positions(issue, name) for block in issue.sections[i].blocks)
        for name in names
    }
    for name in sorted(names, key=lambda each: -weights[each])[:_MOST_PARTS]:
        gone = set(_positions(issue, name))
        kept = tuple(section for i, section in enumerate(issue.sections) if i not in gone)
        yield name[0] or issue.sections[min(gone)].heading or "–", replace(issue, sections=kept)


def _positions(issue: ParsedIssue, name: tuple[str | None, str]) -> list[int]:
    part, position = name
    return [i for i, section in enumerate(issue.sections) if (section.part == part if part else str(i) == position)]


def _words(element: lxml_html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


CHECKS = (large_letters, large_styles, heading_order, empty_headings, images_without_alt, missing_unsubscribe)
