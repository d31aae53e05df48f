"""Lines that belong to the page a text was copied from, and to no letter: menus, share buttons, "back to top"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

from mailer.parsing.issue import Dropped
from mailer.parsing.lines import Line
from mailer.parsing.wordlists import beginning, table

_EDGE_MARKS = " \t.:;!>»›→↑↓←‹«<|/•·*-–—_=#[]()^▲▼"
_SHORT = 120
_DATED = 80
_LONGEST = 400
_TITLE_LIKE = 120
_BREADCRUMB = re.compile(r"[^>»›/|→]{2,40}(?:\s[>»›/→|]\s[^>»›/|→]{2,80}){1,8}\s*")
_HOME = re.compile(r"(?:hjem|heim|forside|forsiden|framside|home|start|til forsiden|du er her:?)\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"(?:side|page)\s+\d+\s*(?:av|of|/)\s*\d+|[-–]\s*\d{1,3}\s*[-–]", re.IGNORECASE)
_COUNTER = re.compile(
    r"\d+\s*(?:kommentarer?|comments?|likes?|liker|delinger|shares?|visninger|views)|(?:kommentarer?|comments?)\s*\(\d+\)"
    r"|\d+\s*(?:min|minutters?|minutes?)\.?\s*(?:lesetid|lesing|lesning|read|reading time)",
    re.IGNORECASE,
)
_DATE_OR_NAME = re.compile(
    r"[:\s,]*(?:(?:\w+\s)?\d{1,2}(?!\d*\s+(?:prosent|percent|%))|av\s|by\s|(?:i dag|i går|today|yesterday)\b)|:"
)
_DATE = re.compile(
    r"\d{1,2}[./-]\s?\d{1,2}|\d{4}|\d\.?\s[^\W\d_]{3,}|\b(?:i dag|i går|today|yesterday|mins?|minutt\w*|minutes?|ago)\b|siden",
    re.IGNORECASE,
)
_BY_NAME = re.compile(r"\b(?:av|by)\s+[A-ZÆØÅ]")
_ITEM = re.compile(r"(?:[-–—*+•●○◦▪▫■□‣·✓✔☐]|\d{1,2}[.)])\s+\S")
_ARROWS = ("↑", "▲", "^", "»", "›")
# Beginnings that must not be read as whole words, "©2021".
_SIGNS = ("©", "(c)")


def drop_furniture(lines: Sequence[Line]) -> tuple[list[Line], list[Dropped]]:
    """The lines with furniture made blank, so that numbering and gaps stay, and what was dropped."""
    kept = list(lines)
    dropped: dict[int, Line] = {}

    def drop(index: int) -> None:
        dropped[index] = lines[index]
        kept[index] = Line(lines[index].number, "")

    _drop_edge(kept, range(len(kept)), drop, top=True)
    _drop_edge(kept, range(len(kept) - 1, -1, -1), drop, top=False)
    _drop_inside(lines, kept, drop)
    _drop_edge(kept, range(len(kept)), drop, top=True)
    _drop_menu_below_title(kept, drop)
    _drop_edge(kept, range(len(kept) - 1, -1, -1), drop, top=False)
    _drop_related(kept, drop)
    _drop_edge(kept, range(len(kept) - 1, -1, -1), drop, top=False)
    return kept, [Dropped(line.number, line.text) for _, line in sorted(dropped.items())]


def _drop_edge(lines: list[Line], order: range, drop: Callable[[int], None], *, top: bool) -> None:
    """Drop from one end for as long as lines are furniture; of a list, all its items or none."""
    items: list[int] = []
    for index in order:
        text = lines[index].text
        if not text:
            continue
        is_item = _ITEM.match(text) is not None
        if not (_stands_at_edge(text, top=top) or _stands_anywhere(text)):
            if not is_item:
                _drop_all(items, drop)
            return
        if is_item:
            items.append(index)
            continue
        _drop_all(items, drop)
        items = []
        drop(index)
    _drop_all(items, drop)


def _drop_all(indexes: Sequence[int], drop: Callable[[int], None]) -> None:
    for index in indexes:
        drop(index)


def _drop_inside(lines: Sequence[Line], kept: list[Line], drop: Callable[[int], None]) -> None:
    """Drop from the middle of a text what can be nothing else: no item of a list, and no line of a paragraph."""
    filled = [index for index, line in enumerate(kept) if line.text]
    seen = Counter(_bare(kept[index].text) for index in filled)
    for index in filled:
        text = kept[index].text
        if _ITEM.match(text) or not _stands_anywhere(text):
            continue
        above, below = kept[index - 1].text if index else "", kept[index + 1].text if index + 1 < len(kept) else ""
        apart = not above and not below
        if _bare(text) in _set("ambiguous"):
            beside = _stands_anywhere(lines[index - 1].text) if index and lines[index - 1].text else False
            known = beside or (apart and seen[_bare(text)] > 1) or text.endswith(_ARROWS)
        else:
            known = apart or not _runs_on(above, text, below)
        if known:
            drop(index)


def _runs_on(above: str, text: str, below: str) -> bool:
    """Whether a line is in the middle of a sentence that was folded."""
    return (bool(above) and text[0].islower()) or (below[:1].islower() and not text.endswith((".", "!", "?", ":")))


def _drop_menu_below_title(lines: list[Line], drop: Callable[[int], None]) -> None:
    """Drop the names of menus right below the first line, which may be the name of the site."""
    filled = (index for index, line in enumerate(lines) if line.text)
    next(filled, None)
    for index in filled:
        if _bare(lines[index].text) not in _set("edge"):
            return
        drop(index)


def _drop_related(lines: list[Line], drop: Callable[[int], None]) -> None:
    """Drop a list of other articles at the end: its heading, and the titles below it that end in no full stop."""
    below: list[int] = []
    for index in range(len(lines) - 1, -1, -1):
        text = lines[index].text
        if not text:
            continue
        if _bare(text) in _set("related"):
            for each in (index, *below):
                drop(each)
            below = []
        elif len(text) > _TITLE_LIKE or text.endswith((".", "!", "?")):
            return
        else:
            below.append(index)


def _stands_anywhere(text: str) -> bool:
    if len(text) > _SHORT:
        return False
    bare = _bare(text)
    if bare in _set("anywhere") or _COUNTER.fullmatch(text) or _PAGE_NUMBER.fullmatch(text):
        return True
    if beginning("anywhere_start", "furniture").match(bare):
        return not text.endswith(("!", "?"))
    dated = beginning("dated_start", "furniture").match(bare)
    if dated is None or len(text) >= _DATED or not _DATE_OR_NAME.match(bare, dated.end()):
        return False
    return _DATE.search(text) is not None or _BY_NAME.search(text) is not None


def _stands_at_edge(text: str, *, top: bool) -> bool:
    bare = _bare(text)
    if bare in _set("edge"):
        return True
    if len(text) <= _LONGEST and (text.startswith(_SIGNS) or beginning("edge_start", "furniture").match(bare)):
        return True
    if _is_menu(text):
        return True
    return top and _is_breadcrumb(text)


def _is_menu(text: str) -> bool:
    """Names of pages on one line: "Facebook | Instagram | Personvern"."""
    names = [_bare(name) for name in re.split(r"\s[|•·/]\s|[|•·]", text[:_LONGEST])]
    known = _set("edge") | _set("anywhere") | _set("menu")
    return len(names) > 1 and sum(name in known for name in names) * 2 > len(names)


def _is_breadcrumb(text: str) -> bool:
    if len(text) > _LONGEST or not _BREADCRUMB.fullmatch(text) or text.endswith((".", "!", "?")):
        return False
    return _HOME.match(text) is not None or len(re.findall(r"\s[>»›→]\s", text)) > 1


def _bare(text: str) -> str:
    return text[:_LONGEST].strip(_EDGE_MARKS).casefold()


@lru_cache
def _set(key: str) -> frozenset[str]:
    return frozenset(table("furniture")[key])
