"""What imports changed of one person, put together from the consent log and the rows of the sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from subscribers.models import ConsentEvent, Import, ImportRow, Interest

# Particulars of an event that say which row it was, and not what was changed.
_WHERE = frozenset({"import", "row", "undone"})


@dataclass(frozen=True, slots=True)
class ChangedByImport:
    """Which row of which file, and what it changed: [before, after] by name. `undone`: the row's changes were taken back."""

    import_id: int
    file_name: str
    row: int
    undone: bool
    changes: Mapping[str, Any]


def changes_by_imports(events: Sequence[ConsentEvent]) -> dict[int, ChangedByImport]:
    """Return what imports changed, by the id of the event in the consent log. Three queries, and none for who was never in a sheet.

    The values of name and fields are told while the import can be undone. Later the log only knows which of them were changed.
    """
    by_import = [event for event in events if isinstance(event.detail.get("import"), int) and "row" in event.detail]
    if not by_import:
        return {}
    places = {(event.detail["import"], event.detail["row"]) for event in by_import}
    files = dict(Import.objects.filter(pk__in={number for number, _ in places}).values_list("pk", "file_name"))
    wanted = reduce(or_, (Q(of_id=number, number=row) for number, row in sorted(places)))
    rows = {(row.of_id, row.number): row for row in ImportRow.objects.filter(wanted)}
    slugs = dict(Interest.objects.values_list("pk", "slug"))
    return {
        event.pk: _changed(event, files, rows.get((event.detail["import"], event.detail["row"])), slugs)
        for event in by_import
    }


def _changed(
    event: ConsentEvent, files: Mapping[int, str], row: ImportRow | None, slugs: Mapping[int, str]
) -> ChangedByImport:
    detail = event.detail
    undone = bool(detail.get("undone"))
    changes = {name: value for name, value in detail.items() if name not in _WHERE}
    if (
        row is not None
        and row.before is not None
        and row.after is not None
        and row.subscriber_id == event.subscriber_id
    ):
        sides = (row.after, row.before) if undone else (row.before, row.after)
        changes = differences(*sides, slugs)
    return ChangedByImport(detail["import"], files.get(detail["import"], "a sheet"), detail["row"], undone, changes)


def differences(before: Mapping[str, Any], after: Mapping[str, Any], slugs: Mapping[int, str]) -> dict[str, Any]:
    """Return what differs between two sides of an `ImportRow`, as [before, after] by name; each field by its slug, interests by theirs."""
    flat = [_flat(side, slugs) for side in (before, after)]
    names = dict.fromkeys([*flat[0], *flat[1]])
    return {name: [flat[0].get(name), flat[1].get(name)] for name in names if flat[0].get(name) != flat[1].get(name)}


def _flat(side: Mapping[str, Any], slugs: Mapping[int, str]) -> dict[str, Any]:
    told = {name: side[name] for name in ("status", "name", "language") if name in side}
    if "interests" in side:
        told["interests"] = [slugs.get(pk, str(pk)) for pk in side["interests"]]
    return told | dict(side.get("fields") or {})
