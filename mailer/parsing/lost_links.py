"""Words that were a link before their address was lost: "Les mer her."."""

from __future__ import annotations

import re

from mailer.parsing.wordlists import alternatives, phrases

_VERB = alternatives(phrases("lost_verb"))
_END = alternatives(phrases("lost_end"))
_WHOLE = alternatives(phrases("lost_whole"))
# At most five words stand between "les" and "her", and no comma or full stop.
_POINTER = re.compile(
    rf"(?<![\w-])(?:(?:{_VERB})(?:\s[^\s.,:;!?()<>\[\]\ufffc]+){{0,5}}?\s(?:{_END})(?=\s*(?:[.,!?:;)»”\"›→>]|$|\n)))"
    rf"|(?:(?<=[.!?]\s)|(?<=\n)|^)(?:{_WHOLE})(?=\s*(?:[.!»›→>…]|$|\n))",
    re.IGNORECASE,
)
_ADDRESS_FOLLOWS = re.compile(
    r"\s*[:(<–-]*\s*(?:på\s|at\s|on\s)?[<(\[]?(?:\ufffc|https?://|www\.|[\w.+-]{1,64}@|[\w-]{2,60}\.(?:no|com|org|net))",
    re.IGNORECASE,
)


def find_lost_links(text: str) -> list[tuple[int, str]]:
    """The places in a plain text where a link was: offset and words."""
    return [
        (match.start(), match.group().strip())
        for match in _POINTER.finditer(text)
        if not _ADDRESS_FOLLOWS.match(text, match.end())
    ]


def ends_with_pointer(text: str) -> bool:
    """Whether a paragraph ends by pointing to more elsewhere, as a story does at its end."""
    tail = text[-120:].rstrip(" .!›»→>")
    lost = find_lost_links(text[-200:])
    return bool(lost and text.rstrip(" .!›»→>").endswith(lost[-1][1].rstrip(" .!"))) or bool(
        re.search(r"(?:\ufffc|https?://|www\.)\S+$", tail)
    )
