"""Runs of items become one Markdown list, nested as their marks and indents tell."""

from __future__ import annotations

from collections.abc import Sequence

from mailer.parsing.inline import to_markdown
from mailer.parsing.units import Unit

_DEEPEST = 4


def list_markdown(items: Sequence[Unit]) -> str:
    """Items (each with a marker) as a CommonMark list. Letters stay as words, because CommonMark has no lettered lists."""
    lines: list[str] = []
    paddings: list[int] = []
    for item, level in zip(items, item_levels(items), strict=True):
        mark, words = _mark(item)
        del paddings[level:]
        lines.append(f"{' ' * sum(paddings)}{mark} {to_markdown(words)}")
        paddings.append(len(mark) + 1)
    return "\n".join(lines)


def _mark(item: Unit) -> tuple[str, str]:
    marker = item.marker
    if marker and marker.kind == "number":
        return f"{marker.number}.", item.text
    if marker and marker.kind == "letter":
        return "-", f"{marker.sign} {item.text}"
    return "-", item.text


def item_levels(items: Sequence[Unit]) -> list[int]:
    """How deep each item is nested, from 0. An item is below the one before when it is indented more or has a new mark."""
    levels: list[int] = []
    open_items: list[tuple[int, str]] = []
    for item in items:
        look = (item.indent, _sign(item))
        while open_items and not _fits(open_items, look):
            open_items.pop()
        if not open_items or open_items[-1] != look:
            if open_items and (look[0] <= open_items[-1][0]) and look[1] == open_items[-1][1]:
                open_items[-1] = look
            elif len(open_items) < _DEEPEST:
                open_items.append(look)
        levels.append(max(0, len(open_items) - 1))
    return levels


def _fits(open_items: list[tuple[int, str]], look: tuple[int, str]) -> bool:
    """Whether an item can be a sibling or a child of the innermost open item."""
    indent, sign = open_items[-1]
    if look[0] > indent + 1 or (look[1] == sign and abs(look[0] - indent) <= 1):
        return True
    # A new mark without a deeper indent opens a level ("•" then "o"), unless it is the mark of a level further out.
    return look[1] != sign and abs(look[0] - indent) <= 1 and all(outer[1] != look[1] for outer in open_items)


def _sign(item: Unit) -> str:
    return (
        item.marker.kind
        if item.marker and item.marker.kind in {"number", "letter"}
        else getattr(item.marker, "sign", "")
    )
