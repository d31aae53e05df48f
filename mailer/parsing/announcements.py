"""The words round a date that announce something: what it is, where it is, and whether it is an event at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mailer.parsing.dates import Clock, Day, find_clock, find_days
from mailer.parsing.issue import Section
from mailer.parsing.names import UPPER
from mailer.parsing.topics import STOP, WEEKDAYS, trim_phrase
from mailer.parsing.wordlists import alternatives, phrases, table

_LONGEST = 60
_DEFINITE = ("en", "et", "a", "n", "t", "ene", "ane")
_AFTER_DATE = re.compile(r"(?:[^:]|\d:\d){0,30}?:\s+(?P<what>\S.{2,})")
_DUE = re.compile(r"frist(?:en|er|ene)?\b|\bdeadline", re.IGNORECASE)
_LABEL = re.compile(r"(?:når|tid|tidspunkt|dato|dag|when|date|time)\b[^:]{0,12}:", re.IGNORECASE)
_PLACE_LABEL = re.compile(
    r"(?:sted|stad|hvor|kor|lokale|oppmøte|oppmøtested|where|place|venue|location):\s*(?P<place>\S.{1,79})",
    re.IGNORECASE,
)
# Hours that a place is open say nothing of what happens: "20.–23. des: 10–15".
_SAYS = re.compile(r"[^\W\d_]{3}")
_TRAILING = re.compile(r"[\s,.;:–—-]+$")
_NO_PLACE = frozenset((*phrases("month"), *WEEKDAYS, *phrases("first_name"), "facebook", "instagram"))


@lru_cache
def _words(key: str) -> str:
    return alternatives(table("events")[key])


@lru_cache
def _noun() -> re.Pattern[str]:
    ends = "|".join(_DEFINITE)
    return re.compile(rf"(?<![\w-])(?P<noun>[\w-]*(?:{_words('noun')}))(?P<definite>{ends})?(?![\w-])", re.IGNORECASE)


@lru_cache
def _deadline() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{_words('deadline')})[:,]?(?:\s+(?:er|var|is|på|den|the|of|utgangen|av|end|satt|til|on)){{0,3}}\s*$",
        re.IGNORECASE,
    )


@lru_cache
def _nothing_ahead() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:(?:{_words('past')}|{_words('never')})(?!\w)|har (?:vært|vore|hatt)|has been|have been)",
        re.IGNORECASE,
    )


@lru_cache
def _place() -> re.Pattern[str]:
    name = rf"{UPPER}[\w'-]*(?:\s(?:{UPPER}[\w'-]*|{alternatives(phrases('institution'))}))*"
    online = "|".join(f"(?i:{re.escape(word)})" for word in table("events")["online"])
    return re.compile(
        rf"(?<!\w)(?:på|i|ved|hos|via|over|at|in|on)\s(?P<place>(?:(?:det|den|the|gamle|nye|store)\s)*(?:(?:{online})(?!\w)|{name}|[\w-]*(?:{_words('place')})(?!\w)(?:\s(?:i|på|in)\s{UPPER}\w+)?"
        r"|(?:room|rom|møterom|auditorium|sal)\s[\w.-]+))"
    )


def tells_no_event(sentence: str) -> bool:
    """Whether a sentence tells of what has been, or that something does not take place."""
    return _nothing_ahead().search(sentence) is not None


@dataclass(frozen=True, slots=True)
class Words:
    """A date in its sentence. `begin` and `end` bound the words that belong to it; `after` is what follows the sentence."""

    sentence: str
    begin: int
    end: int
    day: Day
    after: Sequence[str]
    section: Section

    @property
    def date_words(self) -> str:
        """The date as it was written."""
        return self.sentence[self.day.begin : self.day.end].strip()

    def is_deadline(self) -> bool:
        """Whether something ends or is due on that day, or began on it long ago."""
        before = self.sentence[max(self.begin, self.day.begin - 60) : self.day.begin]
        return _DUE.search(before) is not None or _deadline().search(before) is not None

    def clock_in(self, text: str) -> Clock | None:
        """The time of day in a text that has no date of its own."""
        return None if next(find_days(text), None) or _deadline().search(text) else find_clock(text)

    def title(self, *, has_clock: bool) -> str:
        """What happens on that day, or "" when nothing is announced."""
        found = self._after_colon() or self._noun_phrase()
        if not found and (has_clock or _LABEL.match(self.sentence)):
            found = self._heading()
        return found[:1].upper() + found[1:] if _SAYS.search(found) else ""

    def _heading(self) -> str:
        return self.section.heading if len(self.section.heading) <= _LONGEST else ""

    def _after_colon(self) -> str:
        """What stands behind the colon of a line that a date opens, as in "4. oktober: Foredrag om fugler"."""
        if self.sentence[: self.day.begin].strip(" -–•*"):
            return ""
        match = _AFTER_DATE.match(self.sentence, self.day.end, self.end)
        if match is None:
            return ""
        return _TRAILING.sub("", trim_phrase(_cut(match["what"], r"[,;(]\s|\.(?=\s|$)|\s[–—-]\s")))

    def _noun_phrase(self) -> str:
        """The noun that names an event, with what belongs to it."""
        for begin, end in ((self.begin, self.day.begin), (self.day.end, self.end)):
            for match in _noun().finditer(self.sentence, begin, end):
                if match["noun"].casefold().endswith(tuple(table("events")["not_noun"])):
                    continue
                return self._phrase(match, end)
        return ""

    def _phrase(self, match: re.Match[str], end: int) -> str:
        if match["definite"]:
            own = "" if self.section.heading_suggested else self._heading()
            return own if _noun().search(own) else match[0]
        rest = self.sentence[match.end() : end]
        stops = [found.start() for pattern in (STOP, _place(), _VERB) if (found := pattern.search(rest))]
        words = match[0] + rest[: min(stops, default=len(rest))]
        return _TRAILING.sub("", trim_phrase(self._name_before(match) + _TRAILING.sub("", words)))

    def _name_before(self, match: re.Match[str]) -> str:
        """The capitalised words that a name such as "ICE Release Party" begins with."""
        before = re.search(rf"(?:(?<=\s){UPPER}[\w-]*\s)+$", self.sentence[: match.start()])
        return before[0] if before and match[0][:1].isupper() and before.start() >= self.begin else ""

    def place(self, title: str) -> str:
        """Where it is, when that is said plainly: on a line of its own, or right behind the event or its date."""
        for text in (self.sentence, *self.after):
            if labelled := _PLACE_LABEL.match(text):
                return _TRAILING.sub("", labelled["place"])
        pattern = _place()
        for match in pattern.finditer(self.sentence, self.begin, self.end):
            place = match["place"]
            if place.split()[0].casefold() in _NO_PLACE or (match.start() < self.day.begin < match.end()):
                continue
            online = place.casefold() in table("events")["online"]
            if online or (
                self._plain(match.start()) and not re.search("webinar|nettmøte|online", title, re.IGNORECASE)
            ):
                return place
        return ""

    def _plain(self, begin: int) -> bool:
        """Whether a place stands behind the date, or right behind a noun that names an event."""
        if begin >= self.day.end:
            return True
        before = self.sentence[:begin].rstrip()
        return any(match.end() == len(before) for match in _noun().finditer(before, max(0, len(before) - 40)))


_VERB = re.compile(rf"\s(?:{alternatives(phrases('light_verb'))})(?!\w)")


def _cut(text: str, pattern: str) -> str:
    return re.split(pattern, text, maxsplit=1)[0].strip()
