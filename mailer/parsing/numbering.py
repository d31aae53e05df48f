"""Which numbered lines are headings ("1. Nytt fra styret", then its text) and which are items of a list."""

from __future__ import annotations

from collections.abc import Sequence

from mailer.parsing.looks import heading_mark
from mailer.parsing.units import Unit


def numbered_headings(units: Sequence[Unit]) -> set[int]:
    """The positions of numbered units that are headings: members of a counted sequence that mostly have text below them."""
    headings: set[int] = set()
    for sequence in _sequences(units):
        # What stands below the last one may as well stand below the whole list.
        likely = [index for index in sequence[:-1] if _has_text_below(units, index)]
        if likely and len(likely) * 2 >= len(sequence) - 1 and all(_short(units[index]) for index in sequence):
            headings.update(sequence)
    return headings


def _sequences(units: Sequence[Unit]) -> list[list[int]]:
    """Numbered units by the counting they belong to; a list may count inside of a section that is itself counted."""
    sequences: list[list[int]] = []
    open_ones: list[list[int]] = []
    for index, unit in enumerate(units):
        if not unit.marker or unit.marker.kind != "number":
            continue
        number = unit.marker.number
        fitting = [seq for seq in open_ones if _number(units, seq[-1]) == number - 1]
        direct = next((seq for seq in fitting if seq[-1] == index - 1), None)
        chosen = direct or (fitting[0] if fitting else None)
        if chosen is None:
            chosen = []
            sequences.append(chosen)
            open_ones.append(chosen)
        else:
            del open_ones[open_ones.index(chosen) + 1 :]
        chosen.append(index)
        if len(open_ones) > 4:  # noqa: PLR2004  # nobody counts deeper; keeps it linear
            del open_ones[1]
    return sequences


def _number(units: Sequence[Unit], index: int) -> int:
    marker = units[index].marker
    return marker.number if marker else 0


def _has_text_below(units: Sequence[Unit], index: int) -> bool:
    if index + 1 == len(units):
        return False
    below = units[index + 1]
    return not below.marker or below.marker.kind in {"bullet", "dash"}


def _short(unit: Unit) -> bool:
    return unit.lines == 1 and heading_mark(f"1. {unit.text}") is not None
