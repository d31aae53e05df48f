"""One row of a sheet becomes one line for the staging table: an address, what is known of the person, or a reason why not."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from subscribers.addresses import AddressError
from subscribers.field_values import FieldError, Value, read_value
from subscribers.importing.columns import Columns, Known
from subscribers.importing.fast_addresses import Addresses
from subscribers.importing.headings import answers, languages, loose, statuses
from subscribers.importing.limits import LONGEST_CELL
from subscribers.importing.options import Options
from subscribers.reasons import Coded, joined, kept
from subscribers.signup import one_line
from subscribers.spreadsheet_cells import original

LONGEST_REASON = 200
_NULL = r"\N"
_BLOCK = 64
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\x00": ""})
_BETWEEN = re.compile(r"[,;|\n]")
_MOST_REMEMBERED = 10_000
_LEFT_RANK = {"unsubscribed": 1, "bounced": 2, "complained": 3}


class RowError(Coded):
    """The row can't be imported. The message is the reason, for people."""


@dataclass(frozen=True, slots=True)
class _Follows:
    ids: str
    note: str


def keyed_hash() -> Callable[[str], str]:
    """Return a function like `suppression.address_hash` that answers in hexadecimal and reads the key only once.

    HMAC (RFC 2104) with the state after the key kept, which is five times as fast for a million addresses.
    """
    key = settings.SUPPRESSION_KEY.encode()
    key = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def of(address_key: str) -> str:
        first, second = inner.copy(), outer.copy()
        first.update(address_key.encode())
        second.update(first.digest())
        return second.hexdigest()

    return of


class Checker:
    """Checks the rows of one sheet. Values that repeat are understood once."""

    def __init__(self, columns: Columns, options: Options, known: Known) -> None:
        self._columns = columns
        self._options = options
        self._known = known
        self._addresses = Addresses()
        self._hash = keyed_hash()
        self._width = max(len(columns.headings), 1 + max((*columns.roles, *columns.left)))
        self._place = {role: columns.place(role) for role in ("name", "first-name", "last-name", "language")}
        self._address = columns.place("address") or 0
        self._status, self._subscribed = columns.place("status"), columns.place("subscribed")
        self._follow_columns = columns.places("interest")
        self._fields = {place: known.fields[slug] for place, slug in columns.places("field").items()}
        self._lists = [place for place, role in columns.roles.items() if role == "interests"]
        self._slugs = self._interest_words()
        self._given = frozenset(known.interests[slug].pk for slug in options.interests)
        self._remembered: dict[tuple[str, ...], _Follows] = {}

    def line(self, number: int, cells: list[str]) -> str | None:
        """Return a line in PostgreSQL's COPY text format for `staging`, or None for an empty row."""
        if not any(cells) or not any(cell.strip() for cell in cells):
            return None
        row = cells if len(cells) >= self._width else [*cells, *[""] * (self._width - len(cells))]
        try:
            return self._good(number, row)
        except (RowError, AddressError, FieldError) as problem:
            reason = problem.kept[:LONGEST_REASON].translate(_ESCAPES)
            return f"{number}\t{reason}\t\t{_NULL}\t{_NULL}\t{_NULL}\t\t{_NULL}\t\t{_NULL}\t{_NULL}\t{{}}\n"

    def _good(self, number: int, row: list[str]) -> str:
        typed = original(row[self._address].strip())
        self._check_shape(row, typed)
        address, named = self._addresses.read(typed)
        name = self._name(row) or named
        language, note = self._language(row)
        follows = self._follows(row)
        status = self._standing(row)
        meant = self._addresses.domain(address.key.rpartition("@")[2]).meant
        told = ""
        if note or follows.note or meant:
            slip = kept("note-meant", f"{address.wire.rpartition('@')[0]}@{meant}") if meant else ""
            told = joined((note, follows.note, slip))[:LONGEST_REASON]
        values = self._values(row) if self._fields else None
        flags = ",".join(self._addresses.flags(address))
        return (
            f"{number}\t\t{told and told.translate(_ESCAPES)}\t{_escaped(address.wire)}\t{_escaped(address.key)}"
            f"\t\\\\x{self._hash(address.key)}\t{_escaped(name)}\t{language}\t{status}\t{follows.ids}"
            f"\t{json.dumps(values, ensure_ascii=False).translate(_ESCAPES) if values else _NULL}\t{{{flags}}}\n"
        )

    def _check_shape(self, row: list[str], typed: str) -> None:
        if not typed:
            raise RowError("row-no-address")
        if len(row) > self._width and any(cell.strip() for cell in row[self._width :]):
            raise RowError("row-cells", self._width)
        if "\n" in "".join(row) and any("\n" in cell and "@" in cell for cell in row):
            raise RowError("row-lines")

    def _name(self, row: list[str]) -> str:
        whole, first, last = self._place["name"], self._place["first-name"], self._place["last-name"]
        text = row[whole] if whole is not None else ""
        if not text.strip() and (first is not None or last is not None):
            parts = (row[place].strip() for place in (first, last) if place is not None)
            text = " ".join(filter(None, parts))
        text = original(text)
        if not text.isprintable() or "  " in text or len(text) > LONGEST_REASON:
            text = one_line(text[:LONGEST_CELL])
        return text.strip()[:200]

    def _language(self, row: list[str]) -> tuple[str, str]:
        place = self._place["language"]
        said = row[place].strip() if place is not None else ""
        if not said:
            return _NULL, ""
        code = languages().get(said.casefold())
        if code is None:
            return _NULL, kept("note-language", said[:20])
        return code, ""

    def _standing(self, row: list[str]) -> str:
        """Return the status that the sheet says, empty for active. Of several that say that a person left, the gravest counts."""
        said: list[str] = [self._options.all_are] if self._options.all_are else []
        said += [status for place, status in self._columns.left.items() if row[place].strip()]
        if self._subscribed is not None and self._answer(row[self._subscribed]) is False:
            said.append("unsubscribed")
        if self._status is not None and (word := row[self._status].strip()):
            meaning = statuses().get(word.casefold())
            if meaning is None:
                raise RowError("row-status", word[:40])
            said.append(meaning)
        left = [status for status in said if status in _LEFT_RANK]
        if left:
            return max(left, key=lambda status: _LEFT_RANK[status])
        return "waiting" if "waiting" in said else ""

    def _answer(self, cell: str) -> bool | None:
        word = original(cell.strip()).casefold()
        if not word:
            return None
        answer = answers().get(word)
        if answer is None and re.match(r"\d{1,4}[-./]\d", word):
            # The day on which somebody said yes.
            return True
        if answer is None:
            raise RowError("row-answer", cell[:40])
        return answer

    def _follows(self, row: list[str]) -> _Follows:
        cells = tuple(row[place] for place in (*self._lists, *self._follow_columns))
        known = self._remembered.get(cells)
        if known is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[cells] = self._understand(row)
        return known

    def _understand(self, row: list[str]) -> _Follows:
        ids = set(self._given)
        unknown = []
        for place in self._lists:
            for word in filter(None, map(str.strip, _BETWEEN.split(original(row[place][:LONGEST_CELL])))):
                found = self._slugs.get(loose(word.strip("\"'[]{}")))
                if found is None:
                    unknown.append(one_line(word)[:40])
                else:
                    ids.add(found)
        ids |= {self._known.interests[s].pk for place, s in self._follow_columns.items() if self._answer(row[place])}
        note = kept("note-interest", ", ".join(unknown)) if unknown else ""
        return _Follows(f"{{{','.join(map(str, sorted(ids)))}}}" if ids else _NULL, note)

    def _values(self, row: list[str]) -> dict[str, Value]:
        cells = {place: original(row[place].strip()) for place in self._fields}
        return {f.slug: read_value(f, cells[place][:LONGEST_CELL]) for place, f in self._fields.items() if cells[place]}

    def _interest_words(self) -> dict[str, int]:
        named = ((i.pk, (i.slug, i.name_nb, i.name_en)) for i in self._known.interests.values())
        return {loose(word): pk for pk, words in named for word in words if loose(word)}


def _escaped(text: str) -> str:
    """Return a text as COPY reads it. Few need it, and to look is faster than to translate."""
    return text.translate(_ESCAPES) if "\\" in text or not text.isprintable() else text
