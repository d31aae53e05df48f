"""What happened to one person, in the order of time, as an editor reads it; and the consent log as proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from subscribers.import_changes import ChangedByImport, changes_by_imports
from subscribers.models import ConsentEvent, Subscriber

SAID = {
    ConsentEvent.Kind.ASKED: "Asked for the letter, and was sent a link to confirm it",
    ConsentEvent.Kind.ADDED: "Was put onto the list",
    ConsentEvent.Kind.CONFIRMED: "Confirmed that they want the letter",
    ConsentEvent.Kind.CHANGED: "Something was changed",
    ConsentEvent.Kind.PAUSED: "Paused the letter",
    ConsentEvent.Kind.REMINDED: "Was reminded to confirm",
    ConsentEvent.Kind.ADDRESS_CHANGED: "Moved to another address",
    ConsentEvent.Kind.WITHDRAWN: "Left the list",
    ConsentEvent.Kind.LAPSED: "Was let go, because they did not answer",
    ConsentEvent.Kind.BOUNCED: "The address stopped working",
    ConsentEvent.Kind.COMPLAINED: "Reported a letter as spam",
    ConsentEvent.Kind.ERASED: "Was erased",
}
# Kinds whose particulars are changes, and particulars that are changes whatever the kind.
_CHANGES = frozenset({ConsentEvent.Kind.CHANGED, ConsentEvent.Kind.ADDRESS_CHANGED})
_ALWAYS_CHANGES = frozenset({"status"})
# The number of another row of the log, and what the sentence says already.
_INTERNAL = frozenset({"asked", "question"})
# What other apps keep beside the consent log: somebody who leaves from a letter.
_KNOWN_TO_BOTH = SAID[ConsentEvent.Kind.WITHDRAWN]
_SAME_MOMENT = timedelta(minutes=1)
# Rows that are fetched together.
_AT_ONCE = 2_000
# What `still_wanted.ask` writes with its reminder.
STILL_WANTED = "still-wanted"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: when, what, the particulars, through which door, and by whom (empty: by the person)."""

    at: datetime
    what: str
    detail: str = ""
    source: str = ""
    by: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form for scripts."""
        return asdict(self)


def history(subscriber: Subscriber, also: Iterable[Happening] = ()) -> list[Happening]:
    """Return what happened to a person, the oldest first. `also` is what others know: their deliveries, what came back.

    What both know of, in the same words and within a minute, is told once with the particulars of both. At most four queries, however
    much happened.
    """
    events = list(ConsentEvent.objects.filter(subscriber=subscriber))
    sheets = changes_by_imports(events)
    told = [_told(event, sheets.get(event.pk)) for event in events]
    for happening in also:
        _add(told, happening)
    return sorted(told, key=lambda happening: happening.at)


def _add(told: list[Happening], row: Happening) -> None:
    """Add what others know, or put its particulars beside those of the log where that tells the same."""
    distance, place = min(
        (
            (abs(other.at - row.at), n)
            for n, other in enumerate(told)
            if other.what == row.what and row.what == _KNOWN_TO_BOTH
        ),
        default=(_SAME_MOMENT, 0),
    )
    if distance >= _SAME_MOMENT:
        told.append(row)
        return
    known = told[place]
    detail = "; ".join(dict.fromkeys(filter(None, (known.detail, row.detail))))
    told[place] = replace(known, detail=detail, source=known.source or row.source)


def consent_log(subscriber: Subscriber) -> list[dict[str, Any]]:
    """Return every row of a person's consent log with all that is kept: the proof of GDPR article 7(1)."""
    return [_row(event) for event in ConsentEvent.objects.filter(subscriber=subscriber)]


def whole_consent_log() -> Iterator[dict[str, Any]]:
    """Yield every row of everybody's consent log with whom it is about, the oldest first. Streamed: memory does not grow with the list."""
    events = ConsentEvent.objects.select_related("subscriber").order_by("at", "id")
    for event in events.iterator(chunk_size=_AT_ONCE):
        yield {"id": event.subscriber_id, "address": event.subscriber.address, **_row(event)}


def _row(event: ConsentEvent) -> dict[str, Any]:
    return {
        name: getattr(event, name) for name in ("at", "kind", "source", "basis", "version", "network", "detail", "by")
    }


def _told(event: ConsentEvent, sheet: ChangedByImport | None) -> Happening:
    what = SAID[ConsentEvent.Kind(event.kind)]
    if event.kind == ConsentEvent.Kind.REMINDED and event.detail.get("question") == STILL_WANTED:
        what = "Was asked whether they still want the letter"
    detail = event.detail
    told = []
    if sheet is not None:
        if event.kind == ConsentEvent.Kind.CHANGED:
            what = "Got back what they had, as an import was undone" if sheet.undone else "Was changed by an import"
        told.append(f"{sheet.file_name}, row {sheet.row}, import {sheet.import_id}")
        detail = sheet.changes
    told += [event.basis] if event.basis else []
    told += [
        f"{name}: {_value(name, value, event.kind)}"
        for name, value in detail.items()
        if name not in _INTERNAL and value != ""
    ]
    return Happening(event.at, what, "; ".join(told), event.source, event.by)


def _value(name: str, value: Any, kind: str) -> str:
    """Return a value in words. A change is kept as [before, after], either of which may be a list."""
    if not isinstance(value, list):
        return str(value)
    if (kind not in _CHANGES and name not in _ALWAYS_CHANGES) or name == "fields":
        return ", ".join(map(str, value))
    return " → ".join(_side(name, side) for side in value)


def _side(name: str, side: Any) -> str:
    if isinstance(side, list):
        return ", ".join(map(str, side)) or "everything"
    return "nothing" if side is None or side == "" else str(side)
