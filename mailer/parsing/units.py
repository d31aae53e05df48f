"""Lines become units: what the author meant as one paragraph, heading or item, however it was broken into lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mailer.parsing.lines import Line
from mailer.parsing.markers import Marker, drawn_rule, find_markers

# A line shorter than this says nothing about where an author's program broke lines.
_TELLING = 40
# Mail programs break at 65 to 80 columns; beyond this a line is a whole paragraph.
_WIDEST = 105
_SHARE = 0.6
_AFTER_SENTENCE = '»”"\u0027) 🙂😊😀❤🎉☀\ufe0f'
_SENTENCE_END = (".", "!", "?", ":", "…", ".”", ".»", '."', "!”", "?”")


@dataclass(slots=True)
class Unit:
    """One paragraph, heading or item: its first line, its words, the empty lines before it, how it is marked."""

    line: int
    text: str
    indent: int = 0
    gap: int = 0
    marker: Marker | None = None
    underline: str = ""
    overline: str = ""
    ruled_off: bool = False
    lines: int = 1

    @property
    def ends_sentence(self) -> bool:
        """Whether it ends as a sentence does."""
        return ends_sentence(self.text)


def ends_sentence(text: str) -> bool:
    """Whether a text ends in a full stop or the like, perhaps before a quotation mark or a sign."""
    return text.rstrip(_AFTER_SENTENCE).endswith((".", "!", "?", ":", "…"))


def split_units(lines: Sequence[Line]) -> list[Unit]:
    """Join wrapped lines, and take drawn lines as underlines or dividers."""
    markers = find_markers(lines)
    width = wrap_width(lines, markers)
    units: list[Unit] = []
    wrapped: dict[int, list[str]] = {}
    gap, rule = 1, ""
    for index, line in enumerate(lines):
        if not line.text:
            gap += 1
            continue
        if sign := drawn_rule(line.text):
            if not _underlines(units, gap, sign):
                rule = sign
            gap = max(gap, 1) if rule else 0
            continue
        marker = markers.get(index)
        previous = units[-1] if units else None
        if previous and not gap and not rule and _continues(lines, index, previous, marker, width):
            wrapped.setdefault(len(units) - 1, []).append(line.text)
            previous.lines += 1
        else:
            words = marker.rest if marker else line.text
            units.append(Unit(line.number, words, line.indent, gap, marker, overline=rule, ruled_off=bool(rule)))
        gap, rule = 0, ""
    for position, rest in wrapped.items():
        units[position].text = " ".join((units[position].text, *rest))
    return units


def _underlines(units: list[Unit], gap: int, sign: str) -> bool:
    """Take a drawn line as an underline of the unit right above it, if that can be a heading."""
    if gap or not units:
        return False
    unit = units[-1]
    if unit.marker or unit.lines > 1 or unit.underline or len(unit.text) > _WIDEST:
        return False
    if len(unit.text) > _TELLING and unit.text.endswith(".") and not unit.overline:
        return False
    unit.underline = sign
    return True


def _continues(lines: Sequence[Line], index: int, unit: Unit, marker: Marker | None, width: int | None) -> bool:
    """Whether a line goes on with the unit above it, rather than beginning one."""
    line, above = lines[index], lines[index - 1]
    if unit.underline:
        return False
    if marker:
        return _wrapped_onto_a_mark(lines, index, unit, width)
    if unit.marker and line.indent > unit.indent and above.text:
        return True
    return breaks_by_width(above, line, width, running=unit.lines > 1 and not unit.marker)


def breaks_by_width(above: Line, line: Line, width: int | None, *, running: bool = False) -> bool:
    """Whether the break between two lines was made by a program (or by hand) at a width, and means nothing.

    `running` says that the line above is itself the second or a later one of a wrapped paragraph.
    """
    length = above.indent + len(above.text)
    lower = line.text[0].islower()
    if width is None:
        return lower and len(above.text) >= _TELLING and not above.text.endswith(_SENTENCE_END)
    first = line.text.split(" ", 1)[0]
    if running and not above.text.endswith(_SENTENCE_END):
        return True
    if length + 1 + len(first) > width:
        return True
    if lower and length >= width / 2 and not above.text.endswith((":",)):
        return True
    return length >= 0.75 * width and not above.text.endswith(_SENTENCE_END)  # a ragged right edge


def _wrapped_onto_a_mark(lines: Sequence[Line], index: int, unit: Unit, width: int | None) -> bool:
    """Whether a dash or number begins a line only because the line above was full: "... – og" or "... den / 9. mai"."""
    if width is None or unit.marker or lines[index - 1].text.endswith(_SENTENCE_END):
        return False
    following = lines[index + 1].text if index + 1 < len(lines) else ""
    lone = not following or following[0] != lines[index].text[0]
    return lone and breaks_by_width(lines[index - 1], lines[index], width)


def wrap_width(lines: Sequence[Line], markers: dict[int, Marker]) -> int | None:
    """The column at which the text was wrapped, in characters, or None when each line is a paragraph of its own."""
    lengths = [line.indent + len(line.text) for line in lines if len(line.text) >= _TELLING]
    within = sorted(length for length in lengths if length <= _WIDEST)
    if not within or len(within) < _SHARE * len(lengths):
        return None
    width = within[min(len(within) - 1, int(len(within) * 0.97))]
    pairs = list(_pairs(lines, markers))
    if len(pairs) < 2:  # noqa: PLR2004  # one break may be chance
        return None
    if sum(above.text.endswith(_SENTENCE_END) for above, _ in pairs) >= _SHARE * len(pairs):
        return None
    full = sum(above.indent + len(above.text) + 1 + len(line.text.split(" ", 1)[0]) > width for above, line in pairs)
    lower = sum(line.text[0].islower() for _, line in pairs)
    return width if full >= _SHARE * len(pairs) or lower >= _SHARE * len(pairs) else None


def _pairs(lines: Sequence[Line], markers: dict[int, Marker]) -> Iterator[tuple[Line, Line]]:
    """Neighbouring lines between which a paragraph may have been wrapped."""
    for index in range(1, len(lines)):
        above, line = lines[index - 1], lines[index]
        if len(above.text) >= _TELLING and line.text and index not in markers and not drawn_rule(line.text):
            yield above, line
