"""Plain text becomes elements: paragraphs, lists, quotations, and lines that mark themselves as headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailer.parsing.elements import Element
from mailer.parsing.fenced_lines import take_cards, with_cards
from mailer.parsing.furniture import drop_furniture
from mailer.parsing.inline import to_markdown
from mailer.parsing.issue import Dropped
from mailer.parsing.lines import Line, split_lines
from mailer.parsing.listing import list_markdown
from mailer.parsing.looks import could_be_heading, heading_mark, is_event, is_label_line
from mailer.parsing.markers import is_spoken
from mailer.parsing.numbering import numbered_headings
from mailer.parsing.piped_lines import take_tables
from mailer.parsing.quotations import is_dashed_quotation, is_marked_quotation, opens_with_dash, without_dash
from mailer.parsing.units import Unit, split_units
from mailer.parsing.wordlists import table

# Lines no longer than this that stand right under each other are lines on purpose: a programme, an address, a signature.
_VERSE = 80
_BODY = 60
_SENTENCE = 25
_ATTRIBUTION = 60
_HEADER = re.compile(r"([^\W\d_][\w-]{1,12}):\s*(.*)")


@dataclass(frozen=True, slots=True)
class PlainText:
    """The elements of a plain text, what was dropped, and the subject if it opened with an e-mail's header."""

    elements: list[Element]
    dropped: list[Dropped]
    subject: str = ""


def read_plain(text: str) -> PlainText:
    """Take a plain text apart."""
    text, cards = take_cards(text)
    text, tables = take_tables(text)
    lines, dropped = drop_furniture(split_lines(text))
    lines, header, subject = _take_header(lines)
    dropped = sorted([*dropped, *header], key=lambda each: each.line)
    units = split_units(lines)
    return PlainText(with_cards(_elements(units, _marks(units)), [*cards, *tables]), dropped, subject)


def _take_header(lines: list[Line]) -> tuple[list[Line], list[Dropped], str]:
    """Take away "Fra: / Til: / Emne:" above a text that was copied out of a mail program; the subject becomes the title."""
    start = next((index for index, line in enumerate(lines) if line.text), 0)
    fields: dict[str, Line] = {}
    end = start
    while (
        end < len(lines)
        and (match := _HEADER.fullmatch(lines[end].text))
        and match[1].casefold() in table("furniture")["header"]
    ):
        fields[match[1].casefold()] = lines[end]
        end += 1
    subject = next((fields[name] for name in ("emne", "subject", "tema") if name in fields), None)
    if subject is None or len(fields) < 2:  # noqa: PLR2004  # one field alone may be a sentence
        return lines, [], ""
    dropped = [Dropped(line.number, line.text) for line in lines[start:end] if line is not subject]
    blank = [Line(line.number, "") if index < end else line for index, line in enumerate(lines)]
    return blank, dropped, subject.text.split(":", 1)[1].strip()


def _marks(units: Sequence[Unit]) -> list[tuple[str, str] | None]:
    """For each unit: how it is marked as a heading, and its words without the mark."""
    numbered = numbered_headings(units)
    marks: list[tuple[str, str] | None] = []
    for index, unit in enumerate(units):
        if unit.underline:
            own = heading_mark(unit.text)
            marks.append((f"underline {unit.underline}", own[1] if own and own[0] == "bold" else unit.text.rstrip(":")))
        elif unit.marker:
            marks.append(("number 1", unit.text.rstrip(":").strip()) if index in numbered else None)
        elif unit.lines > 1 and not unit.text.isupper():
            marks.append(None)
        else:
            marks.append(heading_mark(unit.text) or _tight_heading(units, index))
    return marks


def _tight_heading(units: Sequence[Unit], index: int) -> tuple[str, str] | None:
    """A short line right above its text, without an empty line between."""
    unit = units[index]
    below = units[index + 1] if index + 1 < len(units) else None
    above = units[index - 1] if index else None
    if below is None or below.gap or unit.lines > 1:
        return None
    if not unit.gap and above and not (above.ends_sentence or above.marker or _is_marked(above)):
        return None
    text = unit.text.rstrip(":").strip() if is_label_line(unit.text) else unit.text
    set_off = unit.gap > 0 or (above is not None and _is_marked(above))
    look = _look_above(unit, below, text, set_off=set_off)
    return (look, text) if look and could_be_heading(text) else None


def _is_marked(unit: Unit) -> bool:
    return bool(unit.underline) or (unit.lines == 1 and heading_mark(unit.text) is not None)


def _look_above(unit: Unit, below: Unit, text: str, *, set_off: bool) -> str:
    """How a line right above another is marked as its heading: "tight", "colon", "colon-list", or "" when it isn't."""
    colon = text != unit.text
    if below.marker:
        return "colon-list" if colon else "tight" if unit.gap else ""
    if is_event(below.text) and not colon:
        return "tight"
    shortest = max(_SENTENCE if set_off else _BODY, 1.5 * len(text))
    if len(below.text) < shortest or below.text[0].islower() or not below.ends_sentence:
        return ""
    return "colon" if colon else "tight"


def _elements(units: Sequence[Unit], marks: Sequence[tuple[str, str] | None]) -> list[Element]:
    elements: list[Element] = []
    index = 0
    while index < len(units):
        unit, mark = units[index], marks[index]
        if mark:
            elements.append(_marked(unit, *mark))
            index += 1
        elif unit.marker:
            end = _run_end(units, marks, index)
            elements.extend(_items(units[index:end], elements))
            index = end
        else:
            end = _verse_end(units, marks, index)
            apart = end == len(units) or units[end].gap > 0
            elements.append(_paragraph(units[index:end], apart=apart and unit.gap > 0))
            index = end
    return elements


def _marked(unit: Unit, mark: str, words: str) -> Element:
    text = f"{unit.marker.sign} {unit.text}" if unit.marker else unit.text
    return Element("paragraph", words, to_markdown(text), unit.line, mark, breaks_before=unit.ruled_off)


def _run_end(units: Sequence[Unit], marks: Sequence[tuple[str, str] | None], start: int) -> int:
    """Where a run of items ends: items apart by empty lines belong together when their marks are of one kind."""
    end = start + 1
    while end < len(units) and units[end].marker and not marks[end] and not units[end].ruled_off:
        here, before = units[end].marker, units[end - 1].marker
        if (
            units[end].gap
            and here
            and before
            and here.kind != before.kind
            and units[end].indent <= units[end - 1].indent
        ):
            break
        end += 1
    return end


def _verse_end(units: Sequence[Unit], marks: Sequence[tuple[str, str] | None], start: int) -> int:
    """Where a group of short lines that stand right under each other ends."""
    end = start + 1
    while (
        end < len(units)
        and not units[end].gap
        and not units[end].marker
        and not marks[end]
        and not is_marked_quotation(units[end].text)
        and len(units[end].text) <= _VERSE
        and len(units[end - 1].text) <= _VERSE
    ):
        end += 1
    return end


def _paragraph(units: Sequence[Unit], *, apart: bool) -> Element:
    text = "\n".join(unit.text for unit in units)
    first = units[0]
    if (
        len(units) == 1
        and opens_with_dash(text)
        and is_dashed_quotation(text[0], without_dash(text), tight=text[1] != " ")
    ):
        return _quotation(first, without_dash(text))
    if is_marked_quotation(text):
        return _quotation(first, text)
    if all(unit.text.startswith(">") and unit.text.strip("> ") for unit in units):
        return _quotation(first, "\n".join(unit.text.lstrip("> ") for unit in units))
    return Element(
        "paragraph", text, to_markdown(text), first.line, apart=apart, breaks_before=first.ruled_off, gap=first.gap
    )


def _quotation(unit: Unit, words: str) -> Element:
    markdown = "> " + to_markdown(words).replace("\n", "\n> ")
    return Element("quotation", words, markdown, unit.line, breaks_before=unit.ruled_off)


def _items(items: Sequence[Unit], above: list[Element]) -> list[Element]:
    """A run of items as one list, or as quotations where its dashes open speech."""
    dashed = [item for item in items if item.marker and item.marker.kind == "dash"]
    if len(items) == 1 and dashed:
        sign = items[0].marker.sign if items[0].marker else "-"
        if _attributes(items[0], above):
            quotation = above.pop()
            words = f"{quotation.text}\n{sign} {items[0].text}"
            return [Element("quotation", words, "> " + to_markdown(words).replace("\n", "\n> "), quotation.line)]
        if is_dashed_quotation(sign, items[0].text, tight=False):
            return [_quotation(items[0], items[0].text)]
    if len(dashed) == len(items) and sum(is_spoken(item.text) for item in items) * 2 > len(items):
        return [_quotation(item, item.text) for item in items]
    text = "\n".join(item.text for item in items)
    return [Element("list", text, list_markdown(items), items[0].line, breaks_before=items[0].ruled_off)]


def _attributes(item: Unit, above: list[Element]) -> bool:
    """Whether a dashed line names the speaker of the quotation right above it."""
    return bool(above) and above[-1].kind == "quotation" and not item.gap and len(item.text) <= _ATTRIBUTION
