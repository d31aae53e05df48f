"""Headings, titles and preheaders suggested from a text's own words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from mailer.parsing.elements import Element
from mailer.parsing.looks import could_be_heading, is_date, is_greeting
from mailer.parsing.units import ends_sentence
from mailer.parsing.wordlists import phrases

_LONGEST = 60
_SHORTEST_PREHEADER, _LONGEST_PREHEADER = 40, 100
# Mail programs cut where they must; a sentence that is cut by us tells less.
_LONGEST_SENTENCE = 150
_UPPER = r"[A-ZÆØÅÄÖÁČĐŊŠŦŽ]"
_QUOTED = re.compile(r"[“\"«„]([^“”\"«»„\n]{3,60})[”\"»“]")
_NAME = re.compile(rf"{_UPPER}[\w&'-]*(?: (?:(?:og|and|of|de|von|van|&) )?{_UPPER}[\w&'-]*)+|\b{_UPPER}{{3,}}\b")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# A full stop ends a sentence when a capital follows: not in "5. april", "kl. 18", "bl.a.".
_SENTENCE_END = re.compile(rf"(?<=[.!?…])\s+(?=[\"«“–-]?\s?{_UPPER})")
_CLAUSE = re.compile(r"[,;:(–—]\s|\s(?:som|der|hvor|fordi|slik at|where|which|because|so that|and|og)\s")
STEM = 6
_LONG_WORD = 8
_GREETING = 6


def suggest_heading(
    elements: Sequence[Element], everywhere: Counter[str], common: AbstractSet[str] = frozenset()
) -> str:
    """A heading of at most 60 characters out of a section's own words.

    What the author wrote as one inside the paragraph first, then a quoted name, a name of several words that few other paragraphs
    have, a noun that the section repeats, and last how the first sentence begins.
    `everywhere` counts in how many paragraphs each name stands; `common` holds the beginnings of words met all over the text.
    """
    text = "\n".join(element.text for element in elements if element.kind in {"paragraph", "list"})
    if not text:
        text = "\n".join(element.text for element in elements)
    return (
        _run_in(elements)
        or next(_quoted_names(text), "")
        or _rare_name(text, everywhere, common)
        or _repeated_noun(text, common)
        or first_words(text)
    )


def _rare_name(text: str, everywhere: Counter[str], common: AbstractSet[str]) -> str:
    names = names_in(text)
    rare = [name for name, _ in names.most_common() if everywhere[name] <= 1 + names[name] and len(name) <= _LONGEST]
    rare = [name for name in rare if _WORD.match(name) and name.split()[0].casefold()[:STEM] not in common]
    return next((name for name in rare if not _is_person(name, text)), "")


def _repeated_noun(text: str, common: AbstractSet[str]) -> str:
    """A long word that stands twice or more, with the capitalised word before it: "Nordnorsk vitensenter"."""
    counts = Counter(word for word in _WORD.findall(text) if len(word) >= _LONG_WORD and word.islower())
    for word, count in counts.most_common(3):
        match = re.search(rf"(?<=[\w,] )({_UPPER}[^\W\d_]+) {re.escape(word)}(?!\w)", text)
        if count > 1 and match and word[:STEM] not in common:
            return match[0]
    return ""


def _run_in(elements: Sequence[Element]) -> str:
    """A heading inside of its paragraph: "Dugnad: Lørdag rydder vi ..." or "**Dugnad.** Lørdag ..."."""
    first = elements[0]
    if first.kind != "paragraph":
        return ""
    if match := re.match(r"\*\*([^*]{3,60}?)[.:]?\*\*[.:]?\s\S", first.markdown):
        return match[1].replace("\\", "")
    match = re.match(rf"({_UPPER}[^.:!?\n]{{2,40}}):\s{_UPPER}", first.text)
    return match[1] if match and len(match[1].split()) < 6 and match[1].casefold() not in phrases("label") else ""  # noqa: PLR2004


def _quoted_names(text: str) -> Iterator[str]:
    for match in _QUOTED.finditer(text):
        name = match[1].strip(" ,.")
        if name[:1].isupper() and len(name.split()) <= 6 and not name.endswith(("!", "?")):  # noqa: PLR2004  # a name, no speech
            yield name


def names_in(text: str) -> Counter[str]:
    """The names of several words in a text, not counting the one capital that opens a sentence."""
    names: Counter[str] = Counter()
    for match in _NAME.finditer(text):
        name = match[0].strip(" .,'-")
        opens = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".!?"
        if opens and " " in name and not name.split()[1][:1].isupper():
            name = " ".join(name.split()[1:])
        if len(name) > 2 and (" " in name or name.isupper()):  # noqa: PLR2004  # "UB"
            names[name] += 1
    return names


def _is_person(name: str, text: str) -> bool:
    """Whether a name is a person's as far as one can see: two or three words, and what they do or are beside it."""
    before = text[: text.find(name)].rstrip().rsplit(" ", 1)[-1].casefold().strip(",")
    titles = phrases("role")
    if name.split(maxsplit=1)[0].casefold() in titles:
        return True
    titled = before in titles or before in phrases("saying")
    return titled and 1 < len(name.split()) < 4  # noqa: PLR2004  # first name, middle name, surname


def first_words(text: str, longest: int = _LONGEST) -> str:
    """How a text's first sentence begins, cut at a clause where one ends in time."""
    sentences = _SENTENCE_END.split(text[:1000])
    whole = [each for each in sentences if len(each) > 3 and not (is_greeting(each) and len(sentences) > 1)]  # noqa: PLR2004
    sentence = next(iter(whole), text[:200]).rstrip(".!… ")
    sentence = " ".join(sentence.split())
    if len(sentence) <= longest:
        return sentence
    clause = [match.start() for match in _CLAUSE.finditer(sentence[: longest + 2])]
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
        sentences = _without_greeting(_SENTENCE_END.split(element.text[:600].replace("\n", " ")))
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


