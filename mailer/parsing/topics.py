"""What a paragraph's first sentence is about, told from its verb: "Nina har vært på samling med ..." is about a "samling"."""

from __future__ import annotations

import re

from mailer.parsing.names import UPPER
from mailer.parsing.wordlists import alternatives, beginning, phrases

# A full stop ends a sentence when a capital follows: not in "5. april", "kl. 18", "bl.a.".
SENTENCE_END = re.compile(rf"(?<=[.!?…])\s+(?=[\"«“–-]?\s?{UPPER})")
CLAUSE = re.compile(r"[,;:(–—]\s|\s(?:som|der|hvor|fordi|slik at|where|which|because|so that|and|og)\s")
_LONGEST = 50
_SHORTEST = 4
_WHOLE_WORDS = 4
# A verb farther on belongs to another clause.
_FARTHEST = 9
# The short forms ("man", "tor", "sun") are words as well.
WEEKDAYS = [word for word in phrases("weekday") if len(word) > len("tors")]
_THEME = re.compile(
    r"\b(?:tema|temaet|emnet|topic|theme)(?: (?:er|var|is|was))? (?P<what>[^\W\d_]{5,}(?: og [^\W\d_]{4,})?)"
)
STOP = re.compile(
    rf"[,;:!?(…]|\.(?=\s|$)|\s[–—-]\s|\s(?:{alternatives(phrases('topic_end'))})(?!\w)"
    rf"|\s(?:(?:på|on) )?(?:{alternatives(WEEKDAYS)}|\d{{1,2}}\.? (?:{alternatives(phrases('month'))}))(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\S+")
_SUBJECTLESS = re.compile(
    r"(?:vi|du|dere|dykk|de|dei|jeg|eg|det|dette|den|her|der|han|hun|ho|nå|no|i|på|for|om|til|etter|når|hvis|da|så|og|men|we|you|it|this"
    r"|these|there|they|he|she|i'm|we're|in|on|at|for|if|when|as)(?!\w)",
    re.IGNORECASE,
)


def find_topic(text: str) -> str:
    """The topic of a text's first sentence in its own words, or "" when it can't be told."""
    first = " ".join(SENTENCE_END.split(text[:1000])[0].split()).rstrip(".!… ")
    if match := _THEME.search(first):
        return match["what"]
    return _whole(first) or _object(first)


def _whole(sentence: str) -> str:
    """A short first sentence, or its first clause, that says itself what it is about."""
    if _SUBJECTLESS.match(sentence) or beginning("turning").match(sentence) or sentence[:1] in '-–«“"(':
        return ""
    clause = re.split(r"[,;:(]\s|\s[–—-]\s|\s(?:som|der|hvor|fordi|which|where|because|who)\s", sentence, maxsplit=1)[
        0
    ].strip()
    fits = len(clause) <= _LONGEST and len(clause.split()) >= _WHOLE_WORDS
    return clause if fits and not beginning("continuing").match(clause) else ""


def _object(sentence: str) -> str:
    """What follows the first verb that says no more than that something is, happens, or was got."""
    words = list(_WORD.finditer(sentence))
    verbs, skipped = phrases("light_verb"), phrases("light_word")
    near = (place for place, word in enumerate(words[:_FARTHEST]) if word[0].casefold() in verbs)
    index = next(near, None)
    clause = CLAUSE.search(sentence)
    if index is None or (clause and clause.start() < words[index].start()) or _POINTING.match(sentence):
        return ""
    while index < len(words) and words[index][0].casefold() in verbs | skipped:
        index += 1
    if index == len(words) or words[index][0][:1] in '«“"(':
        return ""
    rest = sentence[words[index].start() :]
    said = _THAT.match(rest)
    rest = rest[said.end() :] if said else _ARTICLE.sub("", rest)
    stop = STOP.search(rest)
    phrase = trim_phrase(rest[: stop.start()] if stop else rest)
    lone_name = " " not in phrase and phrase[:1].isupper()
    fits = len(phrase) >= _SHORTEST and phrase[:1].isalnum() and not lone_name and not _EMPTY.match(phrase)
    return phrase if fits else ""


_POINTING = re.compile(r"(?:her|here|der|there) ", re.IGNORECASE)
_THAT = re.compile(r"(?:at|that) ", re.IGNORECASE)
_ARTICLE = re.compile(
    rf"^(?:{alternatives(['en', 'ei', 'et', 'eit', 'a', 'an', 'the', 'sitt', 'sin', 'sine', 'vårt', 'vår', 'våre', 'our'])})\s",
    re.IGNORECASE,
)
_JOINT = re.compile(r"\s(?:og|and|i|på|til|for|med|om|av|fra|frå|ved|in|on|to|for|with|from|of|by)\s")
_LOOSE_END = re.compile(
    r"\s(?:og|and|i|på|til|for|med|om|av|fra|frå|ved|en|et|in|on|to|with|from|of|by|the|a)$", re.IGNORECASE
)
_EMPTY = re.compile(rf"(?:{alternatives(phrases('no_topic'))})(?!\w)|(?:å|to|not|ikke|ikkje)\s", re.IGNORECASE)


def trim_phrase(phrase: str) -> str:
    """A phrase cut before the last joint that keeps it short enough."""
    phrase = phrase.strip()
    while len(phrase) > _LONGEST:
        joints = [match.start() for match in _JOINT.finditer(phrase) if match.start() <= _LONGEST]
        if not joints:
            return ""
        phrase = phrase[: joints[-1]]
    while match := _LOOSE_END.search(phrase):
        phrase = phrase[: match.start()]
    return phrase
