"""Where paragraphs under one heading turn to another thing, or to other readers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mailer.parsing.dates import find_days
from mailer.parsing.elements import Element
from mailer.parsing.interests import InterestWords
from mailer.parsing.lost_links import ends_with_pointer
from mailer.parsing.names import STEM
from mailer.parsing.wordlists import beginning

# How sure a cut must be: under a heading that an author wrote, and where nothing but paragraphs tell.
UNDER_HEADING = 3
WITHOUT_HEADING = 2
_SHORT = 60
_WORD = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+)*")
_CONTENT = 5
_COMMON_SHARE = 0.34
_NAME_AT_START = re.compile(r"[A-ZÆØÅ][^\W\d_]+(?:\s[A-ZÆØÅ][^\W\d_]+)*")


# "NYE KUNDER: Vi har ...": a heading that stands in its paragraph.
_RUN_IN = re.compile(r"[A-ZÆØÅ](?:[A-ZÆØÅ -]){3,38}:\s\S.{20}")


@dataclass(slots=True)
class Story:
    """Elements that belong together; `cut` says that nothing but their words parts them from the story before."""

    elements: list[Element] = field(default_factory=list)
    cut: bool = False
    _stems: set[str] = field(default_factory=set)
    interests: set[str] = field(default_factory=set)

    def add(self, element: Element, words: InterestWords) -> None:
        """Take in an element."""
        self.elements.append(element)
        self._stems |= stems(element.text)
        self.interests |= set(words.suggest(element.text))

    def shares(self, others: set[str]) -> int:
        """How many significant words another text has in common with this story."""
        return len(self._stems & others)


def stems(text: str) -> set[str]:
    """The beginnings of a text's longer words: enough to see that "studentene" and "studenter" speak of the same."""
    return {word.casefold()[:STEM] for word in _WORD.findall(text) if len(word) >= _CONTENT}


def common_stems(elements: Sequence[Element]) -> set[str]:
    """Words that stand in so many of a text's paragraphs that they tell nothing: the name of the place, "prosjekt"."""
    counts: Counter[str] = Counter()
    paragraphs = [element for element in elements if element.kind == "paragraph" and len(element.text) > _SHORT]
    for element in paragraphs:
        counts.update(stems(element.text))
    most = max(3.0, _COMMON_SHARE * len(paragraphs))
    return {stem for stem, count in counts.items() if count >= most}


def cut_stories(elements: Sequence[Element], words: InterestWords, common: set[str], threshold: int) -> Iterator[Story]:
    """Cut elements into stories at the paragraphs that turn."""
    story = Story()
    for element in elements:
        if story.elements and _turns(story, element, words, common) >= threshold:
            yield story
            story = Story(cut=True)
        story.add(element, words)
    if story.elements:
        yield story


def _turns(story: Story, element: Element, words: InterestWords, common: set[str]) -> int:
    """How much speaks for a paragraph beginning something new; from 3 on it is likely."""
    if element.breaks_before or (element.kind == "paragraph" and _RUN_IN.match(element.text)):
        return 9
    if element.kind != "paragraph" or len(element.text) < _SHORT or "\n" in element.text:
        return 0
    if story.elements[-1].text.endswith(":"):
        return 0
    score = 0
    own = stems(element.text) - common
    shared = story.shares(own)
    if beginning("turning").match(element.text):
        score += 2
    if beginning("continuing").match(element.text):
        score -= 3
    if ends_with_pointer(story.elements[-1].text):
        score += 2
    score += _other_readers(story.interests, set(words.suggest(element.text)))
    if shared == 0 and next(find_days(element.text), None) and not _dated(story):
        score += 1
    score += 1 if shared == 0 else (-1 if shared > 3 else 0)  # noqa: PLR2004  # a paragraph's few topic words
    if _new_name(story, element):
        score += 1
    return score


def _dated(story: Story) -> bool:
    return any(next(find_days(element.text), None) for element in story.elements)


def _other_readers(before: set[str], now: set[str]) -> int:
    """How much the readers of a paragraph differ from those of the story before it."""
    if before and now and not before & now:
        return 3
    if now and not before:
        return 2
    return 1 if before and not now else 0


def _new_name(story: Story, element: Element) -> bool:
    """Whether a paragraph opens with somebody who wasn't spoken of before."""
    match = _NAME_AT_START.match(element.text)
    if match is None or beginning("continuing").match(element.text) or beginning("turning").match(element.text):
        return False
    after = element.text[match.end() : match.end() + 1]
    name = match[0].split()[0]
    known = any(name in before.text for before in story.elements)
    return not known and after == " " and _is_name(match[0], element.text)


def _is_name(opening: str, text: str) -> bool:
    """Whether a capitalised opening is a name: it has several capitalised words, or is met again inside the text."""
    return (
        " " in opening
        or text.count(f" {opening}") > 0
        or beginning("verb_after_name").match(text[len(opening) :].lstrip()) is not None
    )
