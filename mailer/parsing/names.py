"""Names in a section: of organisations, projects and events, and which of them the section is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from mailer.parsing.wordlists import alternatives, phrases

UPPER = r"[A-ZÆØÅÄÖÁČĐŊŠŦŽ]"
# How much of a word tells it from others: "studentene" and "studenter" are the same.
STEM = 6
_NAME = re.compile(rf"{UPPER}[\w&'-]*(?: (?:(?:og|and|of|de|von|van|&) )?{UPPER}[\w&'-]*)+|\b{UPPER}{{3,}}\b")
_LONGEST = 50
_EARLY = 220
# "Nordnorsk vitensenter": a name whose last word is common and says what it is.
_INSTITUTION = rf"{UPPER}[\w-]*(?: {UPPER}[\w-]*)* (?:{alternatives(phrases('institution'))})\b"
_LINKED = re.compile(
    rf"\b(?P<topic>[\w-]*(?:{alternatives(phrases('topic'))}))(?P<link> (?:{alternatives(phrases('topic_link'))}) )"
    rf"(?:[a-zæøå-]+ )?(?P<name>{_INSTITUTION}|{_NAME.pattern})",
)


class Names:
    """The names in a section's text. `common` holds the beginnings of words met all over the letter, or naming its sender."""

    def __init__(self, text: str, everywhere: Counter[str], common: AbstractSet[str]) -> None:
        self._text = text
        self._everywhere = everywhere
        self._common = common
        self._counts = names_in(text)

    def linked(self) -> str:
        """The name that a topic is linked to: "avtale med Nordnorsk vitensenter"; an abbreviation keeps what is said of it."""
        for match in _LINKED.finditer(self._text):
            name = match["name"]
            if not self._tells(name, linked=True):
                continue
            phrase = f"{match['topic']}{match['link']}{name}"
            return name if " " in name else phrase if len(phrase) <= _LONGEST else ""
        return ""

    def repeated(self) -> str:
        """A name of several words that stands more than once."""
        return next((name for name in self._telling() if self._counts[name] > 1 and " " in name), "")

    def early(self) -> str:
        """A name of several words near the beginning."""
        return next((name for name in self._telling() if " " in name and self._text.find(name) < _EARLY), "")

    def _telling(self) -> Iterator[str]:
        return (name for name, _ in self._counts.most_common() if self._tells(name))

    def _tells(self, name: str, *, linked: bool = False) -> bool:
        if len(name) > _LONGEST or name.split(maxsplit=1)[0].casefold()[:STEM] in self._common:
            return False
        rare = self._everywhere[name] <= 1 + self._counts[name]
        return rare and name[:1].isalpha() and not _is_person(name, "" if linked else self._text)


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
    """Whether a name is a person's as far as one can see: a first name, or what people do or are beside it."""
    first = name.split(maxsplit=1)[0].casefold()
    if first in phrases("role") or first.partition("-")[0] in phrases("first_name"):
        return True
    before = text[: text.find(name)].rstrip().rsplit(" ", 1)[-1].casefold().strip(",")
    titled = before in phrases("role") or before in phrases("saying")
    return titled and 1 < len(name.split()) < 4  # noqa: PLR2004  # first name, middle name, surname
