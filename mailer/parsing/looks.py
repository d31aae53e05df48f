"""What a line looks like by itself: a heading, a date, a fact, a greeting. No line knows its neighbours here."""

from __future__ import annotations

import re

from mailer.parsing.lines import is_row
from mailer.parsing.wordlists import alternatives, anywhere, beginning, phrases

_LONGEST_HEADING = 100
_MOST_WORDS = 13
_WEEK = re.compile(
    r"\b(?:uke|uka|uken|veke|veka|week|v)\.?\s*(?:nr\.?|no\.?)?\s*(?P<week>[1-9]|[1-4]\d|5[0-3])(?!\d|[.:]\d)|\b(?P<y>20\d\d)-?W(?P<w>\d\d)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_HASH = re.compile(r"(#{1,6})\s+(\S.*?)\s*#*")
_BOLD = re.compile(r"(?:\*\*|__)\s*([^*_]+?)\s*(?:\*\*|__)\s*:?|\*\s?([^*\s](?:[^*]*[^*\s])?)\s?\*")
_DECORATED = re.compile(
    r"([=*~#_+<>|\-–—•·]{2,})\s*(\S.*?\S)\s*([=*~#_+<>|\-–—•·]{2,})"
    r"|([=*~+|\-–—•·])\s(\S.*?\S)\s([=*~+|\-–—•·])"
)
_NUMBERED = re.compile(
    r"(?:(?:§|del|kapittel|part|chapter)\s*)?(\d{1,2}(?:\.\d{1,2})+\.?|\d{1,2}[.)]|[IVX]{1,4}[.)])\s+(\S.*)"
)
_FINITE_START = re.compile(
    r"(?:vi|du|dere|de|jeg|det|eg|me|dei|han|hun|we|you|they|i|it|there|he|she)\s+(?!i\b|på\b|og\b)", re.IGNORECASE
)
_CONTACT = re.compile(r"\S+@\S+\.\w|https?://|www\.|(?:\+\d{2}\s?)?(?:\d[\s.]?){8,}|\b\d{4}\s+[A-ZÆØÅ]")
_MONEY = re.compile(r"(?:kr\.?\s?)\d|\d\s?(?:kr\b|kroner|,-|NOK|EUR|USD|€|\$|£)|[€$£]\s?\d", re.IGNORECASE)
_CLOCK = re.compile(
    r"\b(?:kl\.?|klokka|klokken|at)\s?\d{1,2}|\b\d{1,2}[.:]\d{2}\b|\b\d{1,2}\s?(?:am|pm)\b", re.IGNORECASE
)
_TIME_AT_END = re.compile(r"\s(?:kl\.?|klokka|at)\s?\d{1,2}(?:[.:]\d{2})?$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_DATE_JUNK = re.compile(r"[\d\s.,:;/–—\-()+]+")
_ORDINAL = re.compile(r"\d{1,3}[.)]?\s+([^\W\d_]+)")
_END_MARKS = (".", ",", ";", ":", "…", "…»", "...")


def find_week(text: str) -> tuple[int | None, int | None]:
    """The ISO year and week that a title names: "Uke 45, 2021", "2021-W45", "Week 12"."""
    match = _WEEK.search(text)
    if match is None:
        return None, None
    if match["y"]:
        week = int(match["w"])
        return (int(match["y"]), week) if 1 <= week <= 53 else (None, None)  # noqa: PLR2004  # ISO 8601
    year = _YEAR.search(text)
    return int(year[1]) if year else None, int(match["week"])


def is_date(text: str) -> bool:
    """Whether a line is nothing but a date, a time, or both: "Tirsdag 9. november kl. 17-19"."""
    words = [word.casefold() for word in _WORD.findall(text)]
    if not words:
        return bool(text) and _DATE_JUNK.fullmatch(text) is not None and any(char.isdigit() for char in text)
    known = phrases("weekday") | phrases("month") | phrases("timeword")
    return len(text) < _LONGEST_HEADING and all(word in known for word in words)


def begins_with_date(text: str) -> bool:
    """Whether a line opens with a weekday or a date and goes on with what happens then."""
    first = _WORD.search(text)
    if first is None or not any(char.isdigit() for char in text):
        return False
    opens = text[: first.start()]
    if first.start() and _DATE_JUNK.fullmatch(opens) and any(char.isdigit() for char in opens):
        return first[0].casefold() in phrases("month") or ":" in opens or "." in opens.strip(". ")
    return first.start() == 0 and first[0].casefold() in (phrases("weekday") | {"kl", "klokka", "klokken"})


def is_fact(text: str) -> bool:
    """Whether a line states a price, time, place, person or address and is no heading: "Pris: 250 kr"."""
    if is_date(text) or begins_with_date(text) or _CONTACT.search(text) or _MONEY.search(text) or _CLOCK.search(text):
        return True
    label = text.split(":", 1)[0].casefold().strip() if ":" in text else ""
    if label and text.rstrip().endswith(":"):
        return False
    if label in phrases("label"):
        return True
    return beginning("label").match(text) is not None and bool(re.search(r":\s*\S", text[:40]))


def is_event(text: str) -> bool:
    """Whether a line tells when, where or for how much, and not whom to write or ring."""
    return is_fact(text) and not _CONTACT.search(text) and not beginning("contact").match(text)


def is_greeting(text: str) -> bool:
    """Whether a line greets: "Hei alle sammen!", "Kjære foresatte,"."""
    return len(text) < _LONGEST_HEADING and beginning("greeting").match(text) is not None


def is_farewell(text: str) -> bool:
    """Whether a text opens as letters close: "Med vennlig hilsen", "God helg!"."""
    return beginning("farewell").match(text) is not None


def introduces(text: str) -> bool:
    """Whether a paragraph speaks of the letter itself, or of the week as a whole."""
    return anywhere("introducing").search(text) is not None or find_week(text) != (None, None)


def is_caps(text: str) -> bool:
    """Whether all letters are capitals, and it is more than an abbreviation."""
    letters = [char for char in text if char.isalpha()]
    if len(letters) < 4 or len(text) > _LONGEST_HEADING or text.endswith((".", ",", ";")):  # noqa: PLR2004  # "NHO"
        return False
    return all(not char.islower() for char in letters) and any(char.isupper() for char in letters)


def heading_mark(text: str) -> tuple[str, str] | None:
    """How a line is marked as a heading by signs of its own, and its words without them; None when it isn't."""
    if len(text) > _LONGEST_HEADING * 2 or is_row(text):
        return None
    return _hash_mark(text) or _decorated_mark(text) or _bold_mark(text) or _number_mark(text) or _caps_mark(text)


def _hash_mark(text: str) -> tuple[str, str] | None:
    match = _HASH.fullmatch(text)
    return (f"hash {len(match[1])}", match[2]) if match else None


def _decorated_mark(text: str) -> tuple[str, str] | None:
    match = _DECORATED.fullmatch(text)
    if match is None:
        return None
    before, words, after = match[1] or match[4], match[2] or match[5], match[3] or match[6]
    if (before[0] not in "<>" and before[0] != after[-1]) or set(before) == {"*"} == set(after):
        return None
    return f"decorated {before[0]}{len(before)}", words


def _bold_mark(text: str) -> tuple[str, str] | None:
    match = _BOLD.fullmatch(text)
    words = (match[1] or match[2]).rstrip(":").strip() if match else ""
    if not words or len(words) > _LONGEST_HEADING:
        return None
    # Capitals are the stronger of the two marks: they tell parts from sections where all headings are bold.
    return ("caps" if is_caps(words) else "bold", words)


def _number_mark(text: str) -> tuple[str, str] | None:
    match = _NUMBERED.fullmatch(text)
    if match is None or not _numbered_heading(match[2], text):
        return None
    return f"number {match[1].rstrip('.)').count('.') + 1}", match[2].rstrip(":").strip()


def _caps_mark(text: str) -> tuple[str, str] | None:
    return ("caps", text.rstrip(":").strip()) if is_caps(text) and not is_fact(text) else None


def _numbered_heading(words: str, text: str) -> bool:
    return (
        len(words) <= _LONGEST_HEADING
        and not words[0].islower()
        and not counts_order(text)
        and not words.endswith(_END_MARKS)
        and not _MONEY.search(words[:12])
    )


def could_be_heading(text: str, *, set_off: bool = False) -> bool:
    """Whether an unmarked line standing by itself can be a heading: short, no sentence, no fact, no greeting.

    A line that is `set_off` by more space than paragraphs are may hold a time: "Fredagspils kl. 15".
    """
    if set_off and not begins_with_date(text):
        text = _TIME_AT_END.sub("", text).removesuffix("...").removesuffix("…").rstrip()
    words = text.split()
    if not words or len(text) > _LONGEST_HEADING or len(words) > _MOST_WORDS or "\n" in text:
        return False
    first = next((char for char in text if char.isalnum()), "")
    if not first or first.islower() or text.endswith(_END_MARKS) or text.startswith(("(", "-", "–", "—", "/", "|")):
        return False
    if text.endswith(("!", "?")) and not _exclaimed_heading(text, words):
        return False
    return not (is_fact(text) or is_greeting(text) or is_farewell(text) or _asks(text) or _is_sentence(text, words))


def _exclaimed_heading(text: str, words: list[str]) -> bool:
    """Whether a question or exclamation can be one: "Hva skjer i helga?" and "Vi søker trenere!" can, "Husk påmelding!" can't."""
    inner = text[:-1]
    return len(words) > 1 and not re.search(r"[.!?]\s", inner) and beginning("asking").match(text) is None


def _asks(text: str) -> bool:
    """Whether a line asks for something: "Les mer her" and "Meld deg på": short lines that ask for something."""
    lost = {"les mer", "les meir", "read more", "mer informasjon", "more information", "meld deg på", "sign up"}
    return (
        text.casefold().rstrip(" .!:›»→") in phrases("lost_whole") | lost
        or _LOST_END.search(text.rstrip(" .!:›»→>")) is not None
    )


_LOST_END = re.compile(rf"\s(?:{alternatives(['her', 'here'])})[.!:]?$", re.IGNORECASE)


def _is_sentence(text: str, words: list[str]) -> bool:
    """Whether a line without a full stop is a sentence all the same: it begins with its subject and goes on for long."""
    return len(words) > 7 and _FINITE_START.match(text) is not None and not text.endswith(("!", "?"))  # noqa: PLR2004


def is_label_line(text: str) -> bool:
    """Whether a line ends in a colon and introduces what follows: "Ta med:"."""
    return text.endswith(":") and len(text) <= _LONGEST_HEADING and len(text.split()) <= _MOST_WORDS


def counts_order(text: str) -> bool:
    """Whether the number a text begins with says which one: "9. november", "3. trinn", "1. søndag i advent"."""
    match = _ORDINAL.match(text)
    return match is not None and match[1].casefold() in phrases("month") | phrases("weekday") | phrases("ordered")
