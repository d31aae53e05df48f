"""Headings, titles and preheaders suggested from a text's own words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from mailer.parsing.elements import Element
from mailer.parsing.looks import could_be_heading, is_date, is_greeting
from mailer.parsing.names import STEM, UPPER, Names
from mailer.parsing.topics import CLAUSE, SENTENCE_END, find_topic, trim_phrase
from mailer.parsing.units import ends_sentence
from mailer.parsing.wordlists import phrases

_LONGEST = 60
LONGEST_HEADING = 50
_SHORTEST_PREHEADER, _LONGEST_PREHEADER = 40, 100
# Mail programs cut where they must; a sentence that is cut by us tells less.
_LONGEST_SENTENCE = 150
_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„\n]{3,60})[”\"»“]")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LONG_WORD = 8
_GREETING = 6


def suggest_heading(
    elements: Sequence[Element],
    everywhere: Counter[str],
    common: AbstractSet[str] = frozenset(),
    own: AbstractSet[str] = frozenset(),
) -> str:
    """A heading of at most some 50 characters out of a section's own words.

    What the author wrote as one inside the paragraph first, then a quoted name, a name that the section is about, what its first
    sentence is about, and last how that sentence begins.
    `everywhere` counts in how many paragraphs each name stands; `common` holds the beginnings of words met all over the text, and
    `own` those of the sender's own names.
    """
    text = "\n".join(element.text for element in elements if element.kind in {"paragraph", "list"})
    if not text:
        text = "\n".join(element.text for element in elements)
    names = Names(text, everywhere, common | own)
    line = next((line for line in text.split("\n") if not is_date(line)), text)
    found = (
        _run_in(elements)
        or next(_quoted_names(text), "")
        or names.linked()
        or names.repeated()
        or _repeated_noun(text, common)
        or find_topic(line)
        or names.early()
        or _short_beginning(line)
    )
    return found[:1].upper() + found[1:]


def _short_beginning(text: str) -> str:
    words = first_words(text, LONGEST_HEADING)
    return (trim_phrase(first_words(text, len(text))) or words) if words.endswith("…") else words


def _repeated_noun(text: str, common: AbstractSet[str]) -> str:
    """A long word that stands twice or more, with the capitalised word before it: "Nordnorsk vitensenter"."""
    counts = Counter(word for word in _WORD.findall(text) if len(word) >= _LONG_WORD and word.islower())
    for word, count in counts.most_common(3):
        match = re.search(rf"(?<=[\w,] )({UPPER}[^\W\d_]+) {re.escape(word)}(?!\w)", text)
        if count > 1 and match and word[:STEM] not in common:
            return match[0]
    return ""


def _run_in(elements: Sequence[Element]) -> str:
    """A heading inside of its paragraph: "Dugnad: Lørdag rydder vi ..." or "**Dugnad.** Lørdag ..."."""
    first = elements[0]
    if first.kind != "paragraph" or "\n" in first.text:
        return ""
    if match := re.match(r"\*\*([^*]{3,60}?)[.:]?\*\*[.:]?\s\S", first.markdown):
        return match[1].replace("\\", "")
    match = re.match(rf"({UPPER}[^.:!?\n]{{2,40}}):\s{UPPER}", first.text)
    return match[1] if match and len(match[1].split()) < 6 and match[1].casefold() not in phrases("label") else ""  # noqa: PLR2004


def _quoted_names(text: str) -> Iterator[str]:
    for match in _QUOTED.finditer(text):
        name = match[1].strip(" ,.")
        if name[:1].isupper() and len(name.split()) <= 6 and not name.endswith(("!", "?")):  # noqa: PLR2004  # a name, no speech
            yield name


def first_words(text: str, longest: int = _LONGEST) -> str:
    """How a text's first sentence begins, cut at a clause where one ends in time."""
    sentences = SENTENCE_END.split(text[:1000])
    whole = [each for each in sentences if len(each) > 3 and not (is_greeting(each) and len(sentences) > 1)]  # noqa: PLR2004
    sentence = next(iter(whole), text[:200]).rstrip(".!… ")
    sentence = " ".join(sentence.split())
    if len(sentence) <= longest:
        return sentence
    clause = [match.start() for match in CLAUSE.finditer(sentence[: longest + 2])]
    if clause and clause[-1] >= longest // 3:
        return sentence[: clause[-1]].rstrip(" ,;:–—(")
    cut = sentence[:longest].rsplit(" ", 1)[0] if " " in sentence[:longest] else sentence[: longest - 1]
    return cut.rstrip(" ,;:–—(") + " …"


def suggest_preheader(intro: Sequence[Element]) -> str:
    """Whole sentences from the intro, 40 to 100 characters, without its greeting; the beginning of one that is longer; or ""."""
    shortest = ""
    for element in intro:
        if element.kind != "paragraph" or could_be_heading(element.text) or is_date(element.text):
            continue
        if "\n" in element.text and not ends_sentence(element.text):
            continue
        sentences = _without_greeting(SENTENCE_END.split(element.text[:600].replace("\n", " ")))
        shown = ""
        for sentence in sentences:
            longer = f"{shown} {sentence}".strip()
            if len(longer) > _LONGEST_PREHEADER:
                break
            shown = longer
        if sentences and not shown:
            whole = len(sentences[0]) <= _LONGEST_SENTENCE
            shown = sentences[0] if whole else first_words(sentences[0], _LONGEST_PREHEADER)
        if len(shown) >= _SHORTEST_PREHEADER:
            return shown
        shortest = shortest or (shown if ends_sentence(shown) else "")
    return shortest


def _without_greeting(sentences: list[str]) -> list[str]:
    """Sentences without those that greet; what follows a greeting and a comma stays where it is."""
    kept = list(sentences)
    while kept and is_greeting(kept[0]) and len(kept[0].split()) <= _GREETING:
        kept.pop(0)
    return kept
