"""Words that were a link before their address was lost: "Les mer her."."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailer.parsing.wordlists import alternatives, phrases

_VERB = alternatives(phrases("lost_verb"))
_END = alternatives(phrases("lost_end"))
# At most five words stand between "les" and "her", and no comma or full stop.
_LONG = (
    rf"(?<![\w-])(?:(?:{_VERB})(?:\s[^\s.,:;!?()<>\[\]\ufffc]+){{0,5}}?\s(?:{_END})(?=\s*(?:[.,!?:;)»”\"›→>]|$|\n)))"
)


def _pointer(whole: Iterable[str]) -> re.Pattern[str]:
    """Matches a long pointer anywhere, and one of these where it is all of a sentence."""
    return re.compile(
        rf"{_LONG}|(?:(?<=[.!?]\s)|(?<=\n)|^)(?:{alternatives(whole)})(?=\s*(?:[.!»›→>…]|$|\n))", re.IGNORECASE
    )


_POINTER = _pointer(phrases("lost_whole") | phrases("lost_label"))
_IN_ITEM = _pointer(phrases("lost_whole"))
_ADDRESS_FOLLOWS = re.compile(
    r"\s*[:(<–-]*\s*(?:på\s|at\s|on\s)?[<(\[]?(?:\ufffc|https?://|www\.|[\w.+-]{1,64}@|[\w-]{2,60}\.(?:no|com|org|net))",
    re.IGNORECASE,
)


def find_lost_links(text: str, *, is_item: bool = False) -> list[tuple[int, str]]:
    """The places in a plain text, or in an item of a list, where a link was: offset and words."""
    pointer = _IN_ITEM if is_item else _POINTER
    return [
        (match.start(), match.group().strip())
        for match in pointer.finditer(text)
        if not _ADDRESS_FOLLOWS.match(text, match.end())
    ]


def ends_with_pointer(text: str) -> bool:
    """Whether a paragraph ends by pointing to more elsewhere, as a story does at its end."""
    tail = text[-120:].rstrip(" .!›»→>")
    lost = find_lost_links(text[-200:])
    return bool(lost and text.rstrip(" .!›»→>").endswith(lost[-1][1].rstrip(" .!"))) or bool(
        re.search(r"(?:\ufffc|https?://|www\.)\S+$", tail)
    )
