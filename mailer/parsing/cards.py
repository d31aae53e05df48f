"""Cards: blocks that are facts rather than text (an event, a person, a note), written as fenced blocks of `key: value` lines.

In Markdown they look like this, so that any editor shows them and git compares them line by line:

    ```event
    title: Webinar med næringslivet
    start: 2021-11-17 12:00
    end: 2021-11-17 13:00
    place: Teams
    link: https://example.org/webinar
    ```

Authors may use the words of `words/cards.toml` (`hendelse`, `tittel`, `slutt` ...); what we write has the words above.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from mailer.parsing.card_faults import CardError
from mailer.parsing.card_words import KINDS, CardKind, card_kind, keys, kinds, known
from mailer.parsing.issue import Block
from mailer.parsing.moments import read_end, read_moment, write_moment
from mailer.parsing.wordlists import alternatives

__all__ = [
    "Card",
    "CardError",
    "Event",
    "Note",
    "Person",
    "SuggestedEvent",
    "card_kind",
    "read_card",
    "read_facts",
    "unreadable_cards",
    "write_card",
]

# What each kind's card can't do without.
_NEEDED = {"event": ("title", "start"), "person": ("name",)}
# A drawn line, a heading or the next card: what stood below a card that was never closed.
_BEYOND = re.compile(r"[ \t]*(?:([-*_])(?:[ \t]*\1){2,}[ \t]*$|#{1,6}[ \t]|`{3,}|~{3,})")
_LINE = re.compile(r"[ \t]*([^\W\d_][\w-]*)[ \t]*:[ \t]*(.*?)[ \t]*")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens.

    A `date` lasts all day, and as `end` is the last day; a `datetime` is naive, in the organisation's time zone.
    """

    title: str
    start: date | datetime
    end: date | datetime | None = None
    place: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class SuggestedEvent(Event):
    """An event that was found in a text, with the line it was found on."""

    line: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Someone to write to or to call. `address` is a mailbox or a page, `phone` a number as people write it."""

    name: str
    role: str = ""
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A correction or a change: a bold first line, and the text below it as inline Markdown."""

    heading: str
    text: str = ""


Card = Event | Person | Note


def read_card(block: Block) -> Card | None:
    """Return the card that a block is, or None when it is none. Raises CardError."""
    found = _fence().fullmatch(block.markdown)
    kind = card_kind(found[2]) if found else None
    return read_facts(kind, found[3]) if found and kind else None


def read_facts(kind: CardKind, content: str) -> Card:
    """Return the card of a kind that has this content between its fences. Raises CardError."""
    if kind == "note":
        return _note(content)
    pairs, typed = _pairs(kind, content)
    return _event(pairs, typed) if kind == "event" else Person(**pairs)


def unreadable_cards(blocks: Iterable[Block]) -> Iterator[tuple[Block, CardError]]:
    """Each block that was meant as a card and can't be read, and what is wrong with it; such a block is shown as code, or as words."""
    for block in blocks:
        typed = block.markdown.replace("\\", "") if block.kind == "paragraph" else ""
        if opening := _opening().match(typed):
            yield block, CardError("card-shown", words=opening[0])
        # The importer calls it code; a database from before its card was broken still has its kind.
        if block.kind in {"code", *KINDS}:
            try:
                read_card(block)
            except CardError as error:
                yield block, error


def write_card(card: Card) -> Block:
    """Return the block of a card; reading it gives the same card again."""
    if isinstance(card, Note):
        return Block("note", _fenced("note", _note_lines(card)))
    if isinstance(card, Person):
        pairs = {"name": card.name, "role": card.role, "address": card.address, "phone": card.phone}
        return Block("person", _fenced("person", _written(pairs)))
    pairs = {
        "title": card.title,
        "start": write_moment(card.start),
        "end": write_moment(card.end) if card.end else "",
        "place": card.place,
        "link": card.link,
    }
    return Block("event", _fenced("event", _written(pairs)))


def _written(pairs: dict[str, str]) -> str:
    return "\n".join(f"{key}: {_line(value)}" for key, value in pairs.items() if _line(value))


def _fenced(kind: CardKind, content: str) -> str:
    """The content between fences that nothing in it can close."""
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    mark = "`" * max(3, longest + 1)
    return f"{mark}{kind}\n{content}\n{mark}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _pairs(kind: CardKind, content: str) -> tuple[dict[str, str], dict[str, str]]:
    """The values of a card by our words for its lines, and the words that its author has for those."""
    pairs: dict[str, str] = {}
    typed: dict[str, str] = {}
    words = keys(kind)
    for line in filter(str.strip, content.split("\n")):
        found = _LINE.fullmatch(line)
        if _BEYOND.match(line):
            raise CardError("card-unclosed", words=line)
        if found is None:
            raise CardError("card-line-unclear", words=line)
        key = words.get(found[1].casefold())
        if key is None:
            raise CardError("card-key-unknown", kind=kind, key=found[1], known=known(kind))
        if key in pairs:
            raise CardError("card-key-twice", key=found[1])
        pairs[key], typed[key] = found[2], found[1]
    for key in _NEEDED[kind]:
        if not pairs.get(key):
            raise CardError("card-key-missing", kind=kind, key=key)
    return pairs, typed


def _event(pairs: dict[str, str], typed: dict[str, str]) -> Event:
    start = read_moment(typed["start"], pairs["start"])
    end = read_end(typed["end"], pairs["end"], start) if pairs.get("end") else None
    if end is not None and isinstance(end, datetime) != isinstance(start, datetime):
        raise CardError("card-end-unlike", title=pairs["title"])
    if end is not None and end < start:
        raise CardError("card-end-early", title=pairs["title"])
    return Event(pairs["title"], start, end, pairs.get("place", ""), pairs.get("link", ""))


def _note(content: str) -> Note:
    """A note's first line is its heading; both may be named ("tittel: …", "tekst: …")."""
    first, _, rest = content.partition("\n")
    heading = _named("heading", first)
    if heading is None:
        return Note(first.strip(), rest.strip())
    text = _named("text", rest.lstrip())
    return Note(heading, rest.strip() if text is None else text)


def _note_lines(note: Note) -> str:
    """A heading that reads as one that is named is named itself."""
    heading = _line(note.heading)
    if _named("heading", heading) is None:
        return f"{heading}\n{note.text}"
    return f"heading: {heading}\ntext: {note.text}"


def _named(key: str, text: str) -> str | None:
    """The text behind the word for a line of a note; None where it is not named."""
    name, colon, value = text.partition(":")
    return value.strip() if colon and keys("note").get(name.strip().casefold()) == key else None


@lru_cache
def _fence() -> re.Pattern[str]:
    return re.compile(
        rf"(`{{3,}}|~{{3,}})[ \t]*({alternatives(kinds())})[ \t]*\n(.*?)\n?\1[ \t]*", re.DOTALL | re.IGNORECASE
    )


@lru_cache
def _opening() -> re.Pattern[str]:
    """The first line of a card among words, as it stands where a card was never closed or came out of a Word document."""
    return re.compile(rf"(?:`{{3,}}|~{{3,}})[ \t]*(?:{alternatives(kinds())})(?=[ \t]*(?:\n|$))", re.IGNORECASE)
