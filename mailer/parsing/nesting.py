"""HTML made shallow enough for parsers, which give up (or lose the text) some 250 elements deep."""

from __future__ import annotations

import re

DEEPEST = 100
_FRAME = re.compile(
    r"<(?P<close>/?)(?:div|span|section|article|center|font|b|i|em|strong|u|small|big)\b[^<>]*>", re.IGNORECASE
)

_TAGS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<!--.*?-->|<[^<>]*>", re.DOTALL | re.IGNORECASE)


def make_shallow(source: str) -> str:
    """Leave out the elements that only frame a text where they stand deeper than DEEPEST; what is in them stays."""
    if len(_FRAME.findall(source)) <= DEEPEST:
        return source
    depth = 0

    def kept(match: re.Match[str]) -> str:
        nonlocal depth
        if match["close"]:
            depth = max(0, depth - 1)
            return match[0] if depth < DEEPEST else " "
        depth += 1
        return match[0] if depth <= DEEPEST else " "

    return re.sub(" {2,}", " ", _FRAME.sub(kept, source))


def has_words(source: str) -> bool:
    """Whether there is a letter outside of all tags."""
    return re.search(r"[^\W\d_]", _TAGS.sub("", source)) is not None
