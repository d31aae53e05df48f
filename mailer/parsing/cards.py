"""Cards: blocks that are facts rather than text (an event, a person, a note), written as fenced blocks of `key: value` lines.

In Markdown they look like this, so that any editor shows them and git compares them line by line:

    ```event
    title: Webinar med næringslivet
    start: 2021-11-17 12:00
    end: 2021-11-17 13:00
    place: Teams
    link: https://example.org/webinar
    ```
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from mailer.parsing.issue import Block

_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*(event|person|note)[ \t]*\n(.*?)\n?\1[ \t]*", re.DOTALL)
_LINE = re.compile(r"[ \t]*([a-z]+)[ \t]*:[ \t]*(.*?)[ \t]*")


class CardError(ValueError):
    """A card can't be read. The message is a sentence for people that names the key and what was expected."""


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
    """Someone to write to."""

    name: str
    role: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A correction or a change: a bold first line, and the text below it as inline Markdown."""

    heading: str
    text: str = ""


Card = Event | Person | Note


def read_card(block: Block) -> Card | None:
    """Return the card that a block is, or None when it is none. Raises CardError."""
    found = _FENCE.fullmatch(block.markdown)
    if found is None:
        return None
    return read_facts(found[2], found[3])


def read_facts(kind: str, content: str) -> Card:
    """Return the card of a kind that has this content between its fences. Raises CardError."""
    if kind == "note":
        heading, _, text = content.partition("\n")
        return Note(heading.strip(), text.strip())
    return _event(_pairs(content)) if kind == "event" else _person(_pairs(content))


def unreadable_cards(blocks: Iterable[Block]) -> Iterator[tuple[int | None, str]]:
    """Line and fault of each block that was meant as a card and can't be read; such a block is shown as code."""
    for block in blocks:
        if block.kind == "code":
            try:
                read_card(block)
            except CardError as error:
                yield block.line, str(error)


def write_card(card: Card) -> Block:
    """Return the block of a card; reading it gives the same card again."""
    if isinstance(card, Note):
        return Block("note", _fence("note", f"{_line(card.heading)}\n{card.text}"))
    if isinstance(card, Person):
        pairs = {"name": card.name, "role": card.role, "address": card.address}
        return Block("person", _fenced("person", pairs))
    pairs = {
        "title": card.title,
        "start": _moment(card.start),
        "end": _moment(card.end) if card.end else "",
        "place": card.place,
        "link": card.link,
    }
    return Block("event", _fenced("event", pairs))


def _fenced(kind: str, pairs: dict[str, str]) -> str:
    return _fence(kind, "\n".join(f"{key}: {_line(value)}" for key, value in pairs.items() if _line(value)))


def _fence(kind: str, content: str) -> str:
    """The content between fences that nothing in it can close."""
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    mark = "`" * max(3, longest + 1)
    return f"{mark}{kind}\n{content}\n{mark}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _pairs(content: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for line in content.split("\n"):
        found = _LINE.fullmatch(line)
        if found is not None:
            pairs[found[1]] = found[2]
        elif line.strip():
            raise CardError(f"“{line.strip()[:60]}” is no line of a card: write it as “key: value”.")
    return pairs


def _person(pairs: dict[str, str]) -> Person:
    _check_keys("person", pairs, {"name", "role", "address"}, "name")
    return Person(pairs["name"], pairs.get("role", ""), pairs.get("address", ""))


def _event(pairs: dict[str, str]) -> Event:
    _check_keys("event", pairs, {"title", "start", "end", "place", "link"}, "title", "start")
    start = _read_moment("start", pairs["start"])
    end = _read_moment("end", pairs["end"]) if pairs.get("end") else None
    if end is not None and (isinstance(end, datetime) != isinstance(start, datetime) or end < start):
        raise CardError(f"The event “{pairs['title']}” ends before it starts, or only one of both has a time of day.")
    return Event(pairs["title"], start, end, pairs.get("place", ""), pairs.get("link", ""))


def _check_keys(kind: str, pairs: dict[str, str], known: set[str], *needed: str) -> None:
    for key in pairs:
        if key not in known:
            raise CardError(f"A card of the kind {kind} has no “{key}”. It has: {', '.join(sorted(known))}.")
    for key in needed:
        if not pairs.get(key):
            raise CardError(f"A card of the kind {kind} needs a line “{key}: …”.")


def _read_moment(key: str, text: str) -> date | datetime:
    try:
        return (
            date.fromisoformat(text)
            if len(text) <= len("2021-11-17")
            else datetime.fromisoformat(text).replace(tzinfo=None)
        )
    except ValueError:
        raise CardError(f"“{key}: {text}” is no date: write 2021-11-17, or 2021-11-17 12:00.") from None


def _moment(moment: date | datetime) -> str:
    return moment.isoformat(" ", "minutes") if isinstance(moment, datetime) else moment.isoformat()
