"""The two ends of a letter: its title with what stands right below it, and its closing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailer.parsing.elements import Element
from mailer.parsing.looks import (
    could_be_heading,
    find_week,
    introduces,
    is_caps,
    is_date,
    is_event,
    is_fact,
    is_farewell,
    is_greeting,
)
from mailer.parsing.units import ends_sentence
from mailer.parsing.wordlists import beginning

_ISSUE_NUMBER = re.compile(r"(?:nr|no|nummer|utgave|issue|vol|volume|årgang)\.?\s*\d", re.IGNORECASE)
_ADDRESS = re.compile(r"\b\d{4,5}\s+[A-ZÆØÅ]|\S@\S|\b(?:postboks|p\.?o\.? box|tlf|tel)\b", re.IGNORECASE)
_LONGEST_TITLE = 120
_LONGEST_FAREWELL = 300
_LONGEST_CLOSING_LINE = 140
_CLOSING_ELEMENTS = 14
_SIGNATURE_LINES = 6
_SIGNATURE_LINE = 60
_NAMES = 3
_NAME_WORDS = 5


def is_title(element: Element) -> bool:
    """Whether a text's first element is its title: marked as a heading, or a short line that is no greeting."""
    if element.mark:
        return True
    text = element.text.split("\n", 1)[0]
    if element.kind != "paragraph" or len(text) > _LONGEST_TITLE or is_greeting(text):
        return False
    return could_be_heading(text) or is_caps(text) or _names_the_week(text) or _is_short_exclamation(text)


def is_letterhead(elements: Sequence[Element]) -> bool:
    """Whether a text opens with a sender's name and address, and its title stands below: one that names a week or a newsletter."""
    if len(elements) < 3 or elements[0].kind != "paragraph" or elements[0].mark:  # noqa: PLR2004  # letterhead, title, text
        return False
    name, *address = elements[0].text.split("\n")
    title = elements[1]
    return (
        0 < len(address) <= _SIGNATURE_LINES
        and is_title(elements[0])
        and all(len(line) <= _SIGNATURE_LINE for line in (name, *address))
        and any(_ADDRESS.search(line) for line in address)
        and title.kind == "paragraph"
        and "\n" not in title.text
        and is_title(title)
        and introduces(title.text)
    )


def _names_the_week(text: str) -> bool:
    return find_week(text) != (None, None) and len(text.split()) <= 12 and ". " not in text  # noqa: PLR2004  # a line


def _is_short_exclamation(text: str) -> bool:
    return len(text.split()) <= 8 and not text.endswith((",", ":")) and not is_fact(text)  # noqa: PLR2004  # a line


def count_subtitles(elements: Sequence[Element], title_line: int) -> int:
    """How many elements, from the first, stand below the title as its subtitle, date or issue number."""
    count = 0
    for index, element in enumerate(elements[:3]):
        right_below = (
            index == 0 and element.line == title_line + 1 and not element.mark and len(element.text) <= _LONGEST_TITLE
        )
        if not (right_below and element.kind == "paragraph") and not _is_subtitle(elements, index, element):
            break
        count += 1
    return count


def _is_subtitle(elements: Sequence[Element], index: int, element: Element) -> bool:
    if element.kind != "paragraph" or element.mark in {"hash 2", "hash 3"} or len(element.text) > _LONGEST_TITLE:
        return False
    if is_date(element.text) or (element.mark == "" and find_week(element.text) != (None, None)):
        return not ends_sentence(element.text)
    if _ISSUE_NUMBER.match(element.text) and not ends_sentence(element.text):
        return True
    if element.mark or not could_be_heading(element.text):
        return False
    below = elements[index + 1] if index + 1 < len(elements) else None
    if introduces(element.text) and len(element.text.split()) > 1:
        return True
    # A line between the title and a greeting can't be the heading of the greeting.
    return below is not None and (is_greeting(below.text) or is_date(below.text))


def closing_start(elements: Sequence[Element]) -> int:
    """Where the closing begins, or the number of elements when there is none."""
    end = len(elements)
    best = end
    for index in range(end - 1, max(-1, end - 1 - _CLOSING_ELEMENTS), -1):
        element = elements[index]
        if _opens_closing(element, is_last=index == end - 1):
            best = index
        elif not _belongs_to_closing(element):
            break
    if best < end:
        return best
    return min(_signature_start(elements), _ruled_off_signature(elements))


def _ruled_off_signature(elements: Sequence[Element]) -> int:
    """A few short lines below the last drawn line, as mail programs set a signature."""
    end = len(elements)
    for index in range(end - 1, max(0, end - 4), -1):
        element = elements[index]
        if element.mark or not _belongs_to_closing(element) or len(element.text) > _LONGEST_CLOSING_LINE:
            return end
        if element.breaks_before:
            return end if any(ends_sentence(each.text) for each in elements[index:]) else index
    return end


def _opens_closing(element: Element, *, is_last: bool) -> bool:
    if element.kind != "paragraph" or len(element.text) > _LONGEST_FAREWELL:
        return False
    if element.mark.startswith(("hash", "number", "underline", "decorated")):
        return False
    lines = element.text.split("\n")
    if is_farewell(lines[0]):
        return True
    if is_last and _signs_off(lines):
        return True
    # "Velkommen til biblioteket! / Hilsen Åse": the lines of one group, the farewell not the first.
    return is_last and any(is_farewell(line) for line in lines[1:]) and not _is_programme(lines[:1])


def _signs_off(lines: Sequence[str]) -> bool:
    """Whether lines are a wish or thanks with a name below: "Lykke til med lesingen! / Studentrådet"."""
    first, *names = lines
    if not 1 <= len(names) <= _NAMES or len(first) > _SIGNATURE_LINE or not first.endswith(("!", ",")):
        return False
    return all(could_be_heading(name) and len(name.split()) <= _NAME_WORDS for name in names) and not is_greeting(first)


def _belongs_to_closing(element: Element) -> bool:
    """Whether an element can stand below a farewell: a name, an address, a postscript."""
    if element.kind in {"image", "rule"}:
        return True
    if element.kind != "paragraph" or (element.mark and element.mark not in {"caps", "bold", "tight"}):
        return False
    if beginning("afterword").match(element.text):
        return True
    lines = element.text.split("\n")
    return all(len(line) <= _LONGEST_CLOSING_LINE for line in lines) and not _is_programme(lines)


def _is_programme(lines: Sequence[str]) -> bool:
    """Whether lines tell what happens when."""
    return any(is_event(line) and any(char.isdigit() for char in line) for line in lines)


def _signature_start(elements: Sequence[Element]) -> int:
    """A signature without a farewell: short last lines that are no sentences, below a paragraph that is one."""
    end = len(elements)
    start = end
    while start > 1 and end - start < 3 and _signs(elements[start - 1]):  # noqa: PLR2004  # name, role, organisation
        start -= 1
    if start == end or not elements[start - 1].text or not ends_sentence(elements[start - 1].text):
        return end
    return start


def _signs(element: Element) -> bool:
    if element.kind != "paragraph" or element.mark not in {"", "tight"}:
        return False
    lines = element.text.split("\n")
    if len(lines) > _SIGNATURE_LINES or any(len(line) > _SIGNATURE_LINE for line in lines):
        return False
    return could_be_heading(lines[0]) and not ends_sentence(element.text) and not _is_programme(lines)
