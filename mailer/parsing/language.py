"""Which language a text is in, told by its small words."""

from __future__ import annotations

import re
from collections import Counter

from mailer.parsing.wordlists import table

_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 20_000


def detect_language(text: str, default: str = "nb") -> str:
    """The language code with most of its small words in the text: nb, nn or en; `default` when there are none."""
    counts = Counter(_WORD.findall(text[:_SAMPLE].casefold()))
    scores = {code: sum(counts[word] for word in words) for code, words in table("languages").items()}
    best = max(scores, key=lambda code: scores[code])
    if not scores[best]:
        return default
    # Bokmål and Nynorsk share most small words: a tie is Bokmål, the commoner one.
    return "nb" if scores["nb"] == scores[best] else best
