"""What happened to one person, in the order of time, as an editor reads it; and the consent log as proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from subscribers.models import ConsentEvent, Subscriber

_SAID = {
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
    """Return what happened to a person, the oldest first. `also` is what others know: their deliveries, what came back."""
    events = ConsentEvent.objects.filter(subscriber=subscriber)
    return sorted([*map(_told, events), *also], key=lambda happening: happening.at)


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


def _told(event: ConsentEvent) -> Happening:
    what = _SAID[ConsentEvent.Kind(event.kind)]
    if event.kind == ConsentEvent.Kind.REMINDED and event.detail.get("question") == STILL_WANTED:
        what = "Was asked whether they still want the letter"
    is_change = event.kind in {ConsentEvent.Kind.CHANGED, ConsentEvent.Kind.ADDRESS_CHANGED}
    told = [event.basis] if event.basis else []
    for name, value in event.detail.items():
        told.append(f"{name}: {_value(value, is_change=is_change and name != 'fields')}")
    return Happening(event.at, what, "; ".join(told), event.source, event.by)


def _value(value: Any, *, is_change: bool) -> str:
    """A change is kept as [before, after], either of which may be a list."""
    if not isinstance(value, list):
        return str(value)
    if not is_change:
        return ", ".join(map(str, value))
    return " → ".join(
        ", ".join(map(str, side)) or "everything" if isinstance(side, list) else str(side) for side in value
    )
