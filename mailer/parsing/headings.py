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
    ranks = _capitals_first(found, {index: rank(decided[index].mark) for index in found})
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


def _capitals_first(found: Sequence[int], ranks: dict[int, Rank]) -> dict[int, Rank]:
    """Rank capitals above underlines, unless an underlined heading opens the text."""
    underline, caps = _RANKS.index("underline"), _RANKS.index("caps")
    first = next((ranks[index][0] for index in found if ranks[index][0] in {underline, caps}), None)
    if first != caps:
        return ranks
    above = (underline, -1, "")
    return {index: above if value[0] == caps else value for index, value in ranks.items()}


@dataclass(frozen=True, slots=True)
class _Habits:
    """How an author marks headings, seen over the whole text."""

    strict: bool
    """Headings are marked, so that an unmarked line needs more to be one."""
    explicit: bool
    """Headings have levels of their own, so that an unmarked line is none."""
    numbered: bool
    spaced: bool
    """Two or more empty lines set headings off, where paragraphs have one."""
    colons: bool = False
    """Lines that end in a colon are headings, because no others are."""


def _habits(elements: Sequence[Element]) -> _Habits:
    counts = Counter(element.mark.split(" ")[0] for element in elements if element.mark)
    marked = [name for name in counts if name not in _UNMARKED and (counts[name] > 1 or name in {"hash", "underline"})]
    gaps = Counter(element.gap > 1 for element in elements[1:] if element.kind == "paragraph")
    habits = _Habits(
        strict=sum(counts[name] for name in marked) > 1,
        explicit=counts["hash"] > 1,
        numbered=counts["number"] > 1,
        spaced=gaps[True] > 1 and gaps[False] >= gaps[True],
    )
    colons = counts["colon"] + counts["colon-list"] + sum(_is_colon_line(elements, i) for i in range(len(elements)))
    plain = counts["tight"] or any(_stands_as_heading(elements, i, habits) for i in range(len(elements)))
    return replace(habits, colons=colons > 1 and not plain and not habits.strict)


def _decide(elements: Sequence[Element]) -> list[Element]:
    habits = _habits(elements)
    decided: list[Element] = []
    for index, element in enumerate(elements):
        mark = _mark(elements, index, habits)
        text = element.text.rstrip(":").strip() if mark == "colon" else element.text
        decided.append(element.heading(text, mark) if mark else replace(element, mark=""))
    return decided


def _mark(elements: Sequence[Element], index: int, habits: _Habits) -> str:
    """How an element is marked as a heading, or "" when it is none after all."""
    mark = elements[index].mark
    if not mark:
        if not habits.explicit and _stands_as_heading(elements, index, habits):
            return "plain"
        return "colon" if habits.colons and _is_colon_line(elements, index) else ""
    holds = {
        "number": habits.numbered,
        "caps": _soft_mark_holds(elements, index),
        "bold": _soft_mark_holds(elements, index),
        "tight": not habits.explicit,
        "colon": habits.colons,
        "colon-list": habits.colons,
    }
    return mark if holds.get(mark.split(" ")[0], True) else ""


def _is_colon_line(elements: Sequence[Element], index: int) -> bool:
    """Whether an element is a line ending in a colon that stands alone above its text."""
    element = elements[index]
    if element.kind != "paragraph" or element.mark or not element.apart or not is_label_line(element.text):
        return False
    return index + 1 < len(elements) and could_be_heading(element.text.rstrip(":").strip())


def _soft_mark_holds(elements: Sequence[Element], index: int) -> bool:
    """Whether a line in capitals or bold is a heading and not an exclamation: it has something below it, and states no fact."""
    element = elements[index]
    if index + 1 == len(elements) or element.text.endswith((".", ",", ";")):
        return False
    if is_fact(element.text):
        return False
    return not (element.text.endswith("!") and elements[index + 1].mark == element.mark)


def _stands_as_heading(elements: Sequence[Element], index: int, habits: _Habits) -> bool:
    """Whether an unmarked line between empty lines is a heading, by itself and by its neighbours."""
    element = elements[index]
    if element.kind != "paragraph" or element.mark or not element.apart or index + 1 == len(elements):
        return False
    if not could_be_heading(element.text, set_off=habits.spaced and element.gap > 1):
        return False
    below, above = elements[index + 1], elements[index - 1] if index else None
    if _is_body(below):
        return not habits.strict or (above is not None and (above.mark != "" or _closes(above) or is_fact(above.text)))
    if habits.strict:
        return False
    if below.kind == "list" or (below.kind == "paragraph" and is_fact(below.text.split("\n")[0])):
        return _closes(above) if above else not element.text.endswith("!")
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
