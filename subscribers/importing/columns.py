"""What the columns of a sheet hold: by their headings, by whose export it is, or by what is in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from subscribers.addresses import AddressError, normalise
from subscribers.importing.faults import ImportingError, SheetError
from subscribers.importing.headings import System, loose, roles, systems
from subscribers.models import CustomField, Interest

SAMPLE_ROWS = 200
# A title or two may stand above the headings.
_HIGHEST_HEADING = 10
_ROLES = ("address", "name", "first-name", "last-name", "language", "interests", "status", "subscribed", "ignore")
_MANY = ("interests", "ignore")
_LETTERS = re.compile(r"[A-Z]{1,2}")
_NAME = re.compile(r"[^\W\d_][^\d@_]*")
_MOST = 0.8


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column holds, by its place from 0. `left` are columns that are filled in only for who left, with the status it means."""

    roles: dict[int, str]
    headings: tuple[str, ...] = ()
    first_row: int = 1
    system: str = ""
    left: dict[int, str] = field(default_factory=dict)

    def place(self, role: str) -> int | None:
        """Return the column that holds this, or None."""
        return next((place for place, held in self.roles.items() if held == role), None)

    def places(self, prefix: str) -> dict[int, str]:
        """Return the columns of the roles `prefix:slug`, with their slugs."""
        start = f"{prefix}:"
        return {place: held[len(start) :] for place, held in self.roles.items() if held.startswith(start)}

    def in_words(self) -> list[str]:
        """Return a line a column, for people."""
        width = max([len(self.headings), *(place + 1 for place in (*self.roles, *self.left))])
        lines = []
        for place in range(width):
            heading = self.headings[place] if place < len(self.headings) else ""
            held = f"filled in: {self.left[place]}" if place in self.left else self.roles.get(place, "not read")
            lines.append(f"{letter(place)} {heading[:40]!r}: {held}" if heading else f"{letter(place)}: {held}")
        return lines


@dataclass(frozen=True, slots=True)
class Known:
    """What the organisation has: its interests and its own fields, by slug."""

    interests: Mapping[str, Interest]
    fields: Mapping[str, CustomField]

    @classmethod
    def now(cls) -> Known:
        """Ask the database."""
        return cls({i.slug: i for i in Interest.objects.all()}, {f.slug: f for f in CustomField.objects.all()})


def letter(place: int) -> str:
    """Return a column's letter in a spreadsheet: 0 is A, 26 is AA."""
    high, low = divmod(place, 26)
    return (letter(high - 1) if high else "") + chr(ord("A") + low)


def recognise(
    sample: Sequence[tuple[int, Sequence[str]]], corrections: Sequence[tuple[str, str]], known: Known, name: str
) -> Columns:
    """Return what the columns hold, from the first rows of a sheet that are not empty, each with its number from 1.

    `name` is the file's, for sentences. Raises SheetError where there is no column of addresses, ImportingError for a correction that
    makes no sense.
    """
    rows = [row for _, row in sample]
    top = _heading_row(rows)
    headings = tuple(cell.strip() for cell in rows[top]) if top is not None else ()
    system = _system(headings)
    found = Columns(
        roles=_by_heading(headings, system, known),
        headings=headings,
        first_row=sample[top][0] + 1 if top is not None else 1,
        system=system.name if system else "",
        left={p: system.left[loose(h)] for p, h in enumerate(headings) if system and loose(h) in system.left},
    )
    body = rows if top is None else rows[top + 1 :]
    found = _corrected(_by_content(found, body, known), corrections, known)
    if not body or found.place("address") is None:
        raise SheetError(_no_addresses(name, found, body))
    return found


def is_address(text: str) -> bool:
    """Tell whether a cell is an e-mail address."""
    try:
        normalise(text[:320])
    except AddressError:
        return False
    return True


def _heading_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the row of headings from 0, or None: the one that names addresses, else the one just above the first address."""
    first = next((n for n, row in enumerate(rows) if any("@" in cell and is_address(cell) for cell in row)), None)
    above = range(min(_HIGHEST_HEADING, len(rows) if first is None else first))
    for number in above:
        if any(roles().get(loose(cell)) == "address" for cell in rows[number]):
            return number
    if first is None:
        return None
    filled = [n for n in above if any(rows[n]) and not any("@" in cell for cell in rows[n])]
    return filled[-1] if filled else None


def _system(headings: Sequence[str]) -> System | None:
    there = {loose(heading) for heading in headings}
    return next((system for system in systems() if system.marks <= there), None)


def _by_heading(headings: Sequence[str], system: System | None, known: Known) -> dict[int, str]:
    named = _own_names(known)
    found: dict[int, str] = {}
    for place, heading in enumerate(headings):
        key = loose(heading)
        if system and key in system.left:
            continue
        usual = roles().get(key)
        candidates = (
            _own_heading(heading, known),
            system.columns.get(key) if system else None,
            # Without addresses there is no import, whatever a field is called.
            usual if usual == "address" else None,
            named.get(key),
            usual,
        )
        role = next((role for role in candidates if role and (role in _MANY or role not in found.values())), None)
        if role:
            found[place] = role
    return found


def _own_heading(heading: str, known: Known) -> str | None:
    """Return what a heading like field:town names, the form that our export has and `--column` takes."""
    kind, _, slug = heading.strip().casefold().partition(":")
    there = {"field": known.fields, "interest": known.interests}.get(kind, {})
    return f"{kind}:{slug.strip()}" if slug.strip() in there else None


def _own_names(known: Known) -> dict[str, str]:
    fields = {loose(name): f"field:{slug}" for slug, f in known.fields.items() for name in (slug, f.name_nb, f.name_en)}
    interests = {
        loose(name): f"interest:{slug}" for slug, i in known.interests.items() for name in (slug, i.name_nb, i.name_en)
    }
    return fields | interests


def _by_content(found: Columns, body: Sequence[Sequence[str]], known: Known) -> Columns:
    """Find the addresses, and in a sheet without headings the name beside them, by looking at the cells."""
    guessed = dict(found.roles)
    width = max((len(row) for row in body), default=0)
    free = [place for place in range(width) if place not in guessed and place not in found.left]
    cells = {place: [row[place].strip() for row in body if place < len(row) and row[place].strip()] for place in free}
    if "address" not in guessed.values():
        likely = {place: sum(map(is_address, cells[place])) / len(body) for place in free if cells[place]}
        best = max(likely, key=lambda place: likely[place], default=None)
        if best is not None and likely[best] > 0:
            guessed[best] = "address"
    if not found.headings and not {"name", "first-name"} & set(guessed.values()):
        names = [place for place in free if place not in guessed and _mostly_names(cells[place])]
        if names:
            guessed[names[0]] = "name"
    return replace(found, roles=guessed)


def _mostly_names(cells: Sequence[str]) -> bool:
    return bool(cells) and sum(bool(_NAME.fullmatch(cell)) for cell in cells) / len(cells) >= _MOST


def _corrected(found: Columns, corrections: Sequence[tuple[str, str]], known: Known) -> Columns:
    held = dict(found.roles)
    left = dict(found.left)
    for column, wanted in corrections:
        place = _place(column, found)
        role = _role(wanted, known)
        left.pop(place, None)
        if role not in _MANY:
            held = {p: r for p, r in held.items() if r != role}
        held[place] = role
    return replace(found, roles=held, left=left)


def _place(column: str, found: Columns) -> int:
    by_heading = {loose(heading): place for place, heading in reversed(list(enumerate(found.headings)))}
    if loose(column) in by_heading:
        return by_heading[loose(column)]
    if column.isascii() and column.isdigit() and int(column) > 0:
        return int(column) - 1
    if _LETTERS.fullmatch(column):
        return [letter(place) for place in range(26 * 27)].index(column)
    there = (
        f" There are: {', '.join(filter(None, found.headings))}." if found.headings else " Name it by letter: A, B …"
    )
    raise ImportingError(f"There is no column '{column}'.{there}")


def _role(wanted: str, known: Known) -> str:
    role = wanted.strip().lower()
    if role in _ROLES:
        return role
    slug = role.removeprefix("field:").removeprefix("interest:")
    if slug in known.fields and not role.startswith("interest:"):
        return f"field:{slug}"
    if slug in known.interests and not role.startswith("field:"):
        return f"interest:{slug}"
    there = [*_ROLES, *(f"field:{slug}" for slug in known.fields), *(f"interest:{slug}" for slug in known.interests)]
    raise ImportingError(f"A column can't hold '{wanted}'. It can hold: {', '.join(there)}.")


def _no_addresses(name: str, found: Columns, body: Sequence[Sequence[str]]) -> str:
    if not body:
        return f"There are no people in {name}."
    headings = ", ".join(filter(None, found.headings[:12]))
    seen = f" Its headings are: {headings}." if headings else ""
    return f"No column of {name} holds e-mail addresses.{seen} Say which one: --column 'HEADING=address'."
