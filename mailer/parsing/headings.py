"""Which elements are headings, and on which of two levels: parts, or sections in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailer.parsing.elements import Element
from mailer.parsing.looks import could_be_heading, is_fact, is_label_line
from mailer.parsing.units import ends_sentence

# From the strongest look to the weakest; numbers and hashes are ordered among themselves by what follows the word.
_RANKS = ("hash", "decorated", "underline", "caps", "number", "bold", "plain", "tight", "colon", "colon-list")
# Looks that say their level themselves; two of one level in a row are siblings, never parent and child.
_EXPLICIT = ("hash", "number")
_UNMARKED = ("plain", "tight", "colon", "colon-list")
_BODY = 60
_FEW_WORDS = 3

Rank = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found: where in the elements, its level (1 a part's or a lone section's, 2 a section's in a part, 3 deeper)."""

    index: int
    level: int
    guessed: bool = False
    level_guessed: bool = False


def find_headings(elements: Sequence[Element]) -> tuple[list[Element], list[Heading]]:
    """Decide which elements are headings; those that only looked like one become paragraphs again."""
    decided = _decide(elements)
    found = [index for index, element in enumerate(decided) if element.kind == "heading"]
    ranks = {index: rank(decided[index].mark) for index in found}
    levels = _levels(decided, found, ranks)
    return decided, levels


def rank(mark: str) -> Rank:
    """Where a look stands among the looks; smaller is higher."""
    name, _, detail = mark.partition(" ")
    name = {"tight": "plain", "colon-list": "colon"}.get(name, name)
    if name == "decorated":
        return (_RANKS.index("underline"), 2 if "-" in detail else 1, "")
    if name == "underline":
        return (_RANKS.index("underline"), 2 if detail in "-~_." else 1, "")
    return (_RANKS.index(name), int(detail) if detail.isdigit() else 0, "")


def _decide(elements: Sequence[Element]) -> list[Element]:
    counts = Counter(element.mark.split(" ")[0] for element in elements if element.mark)
    marked = [name for name in counts if name not in _UNMARKED and (counts[name] > 1 or name in {"hash", "underline"})]
    strict = bool(marked) and sum(counts[name] for name in marked) > 1
    explicit = counts["hash"] > 1
    colons = (
        counts["colon"]
        + counts["colon-list"]
        + sum(_is_colon_line(elements, i) is not None for i in range(len(elements)))
    )
    decided: list[Element] = []
    for index, element in enumerate(elements):
        mark = element.mark
        if mark.startswith("number") and counts["number"] < 2:  # noqa: PLR2004  # one alone counts nothing
            mark = ""
        if mark in {"caps", "bold"} and not _soft_mark_holds(elements, index):
            mark = ""
        if mark == "tight" and explicit:
            mark = ""
        if mark.startswith("colon") and (strict or colons < 2 or _has_plain(elements)):  # noqa: PLR2004
            mark = ""
        text = element.text
        if not mark and not element.mark and not explicit and _stands_as_heading(elements, index, strict=strict):
            mark = "plain"
        if not mark and not element.mark and colons > 1 and not strict and not _has_plain(elements):
            text, mark = _is_colon_line(elements, index) or (text, "")
        decided.append(element.heading(text, mark) if mark else replace(element, mark=""))
    return decided


def _has_plain(elements: Sequence[Element]) -> bool:
    """Whether the text has headings that end without a colon: then lines with one introduce what follows them."""
    standing = (index for index in range(len(elements)) if _stands_as_heading(elements, index, strict=False))
    return any(element.mark == "tight" for element in elements) or next(standing, None) is not None


def _is_colon_line(elements: Sequence[Element], index: int) -> tuple[str, str] | None:
    """A line ending in a colon, standing alone above its text."""
    element = elements[index]
    if element.kind != "paragraph" or element.mark or not element.apart or not is_label_line(element.text):
        return None
    words = element.text.rstrip(":").strip()
    if not could_be_heading(words) or index + 1 == len(elements):
        return None
    return words, "colon"


def _soft_mark_holds(elements: Sequence[Element], index: int) -> bool:
    """Whether a line in capitals or bold is a heading and not an exclamation: it has something below it, and states no fact."""
    element = elements[index]
    if index + 1 == len(elements) or element.text.endswith((".", ",", ";")):
        return False
    if is_fact(element.text):
        return False
    return not (element.text.endswith("!") and elements[index + 1].mark == element.mark)


def _stands_as_heading(elements: Sequence[Element], index: int, *, strict: bool) -> bool:
    """Whether an unmarked line between empty lines is a heading, by itself and by its neighbours."""
    element = elements[index]
    if element.kind != "paragraph" or element.mark or not element.apart or index + 1 == len(elements):
        return False
    if not could_be_heading(element.text):
        return False
    below, above = elements[index + 1], elements[index - 1] if index else None
    if _is_body(below):
        return not strict or (above is not None and (above.mark != "" or _closes(above) or is_fact(above.text)))
    if strict:
        return False
    if below.kind == "list" or (below.kind == "paragraph" and is_fact(below.text.split("\n")[0])):
        return above is None or _closes(above)
    # A heading above a heading: a part and its first section.
    return below.mark != "" or (
        below.apart
        and below.kind == "paragraph"
        and could_be_heading(below.text)
        and index + 2 < len(elements)
        and _is_body(elements[index + 2])
        and (above is None or _closes(above) or above.mark != "")
    )


def _is_body(element: Element) -> bool:
    """Whether an element is text that a heading can stand above."""
    if element.mark or element.kind in {"list", "heading"}:
        return False
    if element.kind in {"quotation", "image", "table"}:
        return True
    first = element.text.split("\n", 1)[0]
    if is_fact(first) and len(element.text) < _BODY:
        return False
    return len(element.text) >= _BODY or (ends_sentence(element.text) and len(element.text.split()) > _FEW_WORDS)


def _closes(element: Element) -> bool:
    """Whether an element ends a story, so that a heading can follow it."""
    return (
        element.kind != "paragraph" or ends_sentence(element.text) or "\n" in element.text or len(element.text) > _BODY
    )


def _levels(elements: Sequence[Element], found: Sequence[int], ranks: dict[int, Rank]) -> list[Heading]:
    distinct = sorted(set(ranks.values()))
    distinct = _merge_single_top(elements, found, ranks, distinct)
    if len(distinct) < 2:  # noqa: PLR2004  # one look for all headings
        return _flat(elements, found)
    order = {value: min(position, 2) + 1 for position, value in enumerate(distinct)}
    return [Heading(index, order[ranks[index]], _guessed(elements[index])) for index in found]


def _merge_single_top(
    elements: Sequence[Element], found: Sequence[int], ranks: dict[int, Rank], distinct: list[Rank]
) -> list[Rank]:
    """One lone heading of a stronger look, with text of its own, is a heading like the rest, written louder."""
    if len(distinct) < 2:  # noqa: PLR2004
        return distinct
    top = [index for index in found if ranks[index] == distinct[0]]
    alone = len(top) == 1 and elements[top[0]].mark.split(" ")[0] not in _EXPLICIT
    if not alone or elements[top[0] + 1 : top[0] + 2] == [] or elements[top[0] + 1].kind == "heading":
        return distinct
    ranks[top[0]] = distinct[1]
    return distinct[1:]


def _flat(elements: Sequence[Element], found: Sequence[int]) -> list[Heading]:
    """Headings that all look alike: one right above another is a part, and what follows stands in it, unless it looks like one."""
    headings: list[Heading] = []
    followed = {index for index in found if index + 1 < len(elements) and elements[index + 1].kind == "heading"}
    if found and elements[found[0]].mark.split(" ")[0] in _EXPLICIT:
        followed = set()
    children: list[str] = []
    inside = False
    for index in found:
        guessed = _guessed(elements[index])
        if index in followed and (index - 1) not in followed:
            inside, children = True, []
            headings.append(Heading(index, 1, guessed))
        elif inside and not (len(children) > 0 and _looks_like_part(elements[index].text, children)):
            headings.append(Heading(index, 2, guessed, level_guessed=bool(children)))
            children.append(elements[index].text)
        else:
            inside = False
            headings.append(Heading(index, 1, guessed))
    return headings


def _looks_like_part(text: str, children: Sequence[str]) -> bool:
    """Whether a heading is too general to be a section among its part's sections: a word or three, without number or name."""
    words = text.split()
    if len(words) > _FEW_WORDS or re.search(r"\d", text) or any(word[:1].isupper() for word in words[1:]):
        return False
    return all(len(child.split()) > len(words) + 1 for child in children)


def _guessed(element: Element) -> bool:
    return element.mark.split(" ")[0] in _UNMARKED
