"""Everything that is kept about one person as a page that they understand: in their language, with no codes of ours, nothing fetched."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from string import Template
from typing import Any

from django.template.loader import render_to_string
from django.utils import formats, timezone, translation

from mailer.local.paths import PACKAGE_PARENT
from mailer.results.person import export
from subscribers import reasons
from subscribers.custom_fields import known_fields
from subscribers.field_values import values_for_letter
from subscribers.import_changes import ChangedByImport, changes_by_imports, differences
from subscribers.importing.report import outcome_code
from subscribers.models import ConsentEvent, Interest, Subscriber

_DAY = {"nb": "j. F Y", "en": "j F Y"}
# A time keeps to its "kl.", and a clock to one line.
_MOMENT = {"nb": "j. F Y \\k\\l.\u00a0H.i", "en": "j F Y, H:i"}
_DAYS_OF_A_PERSON = ("confirmed_at", "paused_until", "reminded_at", "asked_at", "heard_at")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: when, what, and lines of particulars."""

    when: str
    what: str
    lines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the page: facts as (label, value), entries, or paragraphs."""

    heading: str
    facts: Sequence[tuple[str, str]] = ()
    entries: Sequence[Entry] = ()
    paragraphs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What the organisation calls its interests and fields, by slug, in the page's language, and the person's values by name."""

    interests: Mapping[str, str]
    fields: Mapping[str, str]
    slugs: Mapping[int, str]
    values: Mapping[str, str] = field(default_factory=dict)


def export_html(subscriber: Subscriber, *, organisation: str, contact: str, language: str = "") -> str:
    """Return everything that is kept about a person as a page: no script, nothing fetched.

    `language` is that of the page, by default the person's.
    """
    told = language or subscriber.language
    data = export(subscriber)
    with translation.override(told):
        said = _Said(told, _names(subscriber, told))
        page = {
            "title": said.page("title", address=subscriber.address),
            "heading": said.page("heading"),
            "intro": said.paragraphs(
                "intro", organisation=organisation, address=subscriber.address, made_at=said.moment(data["made_at"])
            ),
            "parts": list(_parts(subscriber, data, said, contact)),
        }
        return render_to_string("privacy/page.html", {"language": told, "page": page})


def _names(subscriber: Subscriber, language: str) -> Names:
    known = known_fields()
    interests = list(Interest.objects.all())
    return Names(
        interests={i.slug: i.names[language] for i in interests},
        fields={slug: f.name_nb if language == "nb" else f.name_en for slug, f in known.items()},
        slugs={i.pk: i.slug for i in interests},
        values=values_for_letter(subscriber.fields, language=language, known=known),
    )


def _parts(subscriber: Subscriber, data: dict[str, Any], said: _Said, contact: str) -> Iterator[Part]:
    yield Part(said.page("person"), facts=list(_facts(data, said)))
    events = list(ConsentEvent.objects.filter(subscriber=subscriber))
    sheets = changes_by_imports(events)
    yield Part(said.page("consent"), entries=[_consent(event, sheets.get(event.pk), said) for event in events])
    letters = [_letter(row, said) for row in data["letters"]]
    yield Part(said.page("letters"), entries=letters, paragraphs=() if letters else (said.page("none"),))
    lists: tuple[tuple[str, Callable[[dict[str, Any], _Said], Entry]], ...] = (
        ("mails", _mail),
        ("feedback", _feedback),
        ("address_changes", _move),
        ("imports", _row),
    )
    for name, entry in lists:
        if data[name]:
            yield Part(said.page(name), entries=[entry(row, said) for row in data[name]])
    yield Part(said.page("use"), paragraphs=said.paragraphs("use_text", consent=said.page("consent")))
    yield Part(said.page("rights"), paragraphs=said.paragraphs("rights_text", contact=contact))


class _Said:
    """The words of one language, and what the organisation calls things in it."""

    def __init__(self, language: str, names: Names) -> None:
        self.language = language
        self.names = names
        self._words = words_of(language)

    def page(self, key: str, **values: str) -> str:
        return Template(self._words["page"][key]).substitute(values)

    def paragraphs(self, key: str, **values: str) -> list[str]:
        return [Template(text).substitute(values) for text in self._words["page"][key]]

    def label(self, key: str, **values: object) -> str:
        return Template(self._words["labels"][key]).substitute(values)

    def code(self, table: str, code: str) -> str:
        """What a code of the database is called; as it is where an organisation's own program made it up."""
        return str(self._words[table].get(code, code))

    def day(self, day: date | datetime) -> str:
        local = timezone.localtime(day) if isinstance(day, datetime) else day
        return str(formats.date_format(local, _DAY[self.language]))

    def moment(self, moment: datetime | None) -> str:
        return str(formats.date_format(timezone.localtime(moment), _MOMENT[self.language])) if moment else ""

    def change(self, name: str, before: Any, after: Any) -> str:
        value = self.label("to", before=self.value(name, before), after=self.value(name, after))
        return self.label("change", name=self.name_of(name), value=value)

    def detail(self, name: str, value: Any) -> str:
        return self.label("change", name=self.name_of(name), value=self.value(name, value))

    def name_of(self, name: str) -> str:
        return self.names.fields.get(name) or self.code("details", name)

    def value(self, name: str, value: Any) -> str:
        if name == "interests":
            return ", ".join(self.names.interests.get(slug, slug) for slug in value) or self.label("everything")
        if name == "fields":
            return ", ".join(self.name_of(slug) for slug in value)
        if value is None or value == "":
            return self.label("cleared")
        if name in {"language", "status", "reason"}:
            return self.code({"language": "languages", "status": "status", "reason": "reasons"}[name], str(value))
        if name == "until":
            return self.day(date.fromisoformat(value))
        return str(value)


@lru_cache(maxsize=4)
def words_of(language: str) -> Mapping[str, Any]:
    """Return the tables of words of the page, "nb" or "en"."""
    file = PACKAGE_PARENT / "templates" / "privacy" / f"words.{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _facts(data: dict[str, Any], said: _Said) -> Iterator[tuple[str, str]]:
    person = data["person"]
    yield said.label("address"), person["address"]
    yield said.label("name"), person["name"] or said.label("not_given")
    yield said.label("language"), said.code("languages", person["language"])
    yield said.label("follows"), said.value("interests", [row["interest__slug"] for row in data["interests"]])
    standing = said.code("status", person["status"])
    yield said.label("status"), said.label("since", what=standing, day=said.day(person["status_changed_at"]))
    since, source = said.day(person["created_at"]), said.code("sources", person["source"])
    yield said.label("created_at"), said.label("by_way_of", day=since, source=source) if source else since
    yield from ((said.label(name), said.day(person[name])) for name in _DAYS_OF_A_PERSON if person[name])
    yield from ((said.label("flags"), said.code("flags", flag)) for flag in person["flags"])
    yield from ((said.names.fields[slug], value) for slug, value in said.names.values.items() if value)
    for row in data["suppressed"]:
        yield said.label("suppressed"), f"{said.day(row['created_at'])}, {said.code('suppressed', row['reason'])}"
    yield said.label("id"), str(person["id"])


def _consent(event: ConsentEvent, sheet: ChangedByImport | None, said: _Said) -> Entry:
    what = said.code("consent", event.kind)
    by_sheet = sheet is not None and event.kind == ConsentEvent.Kind.CHANGED
    if event.detail.get("question"):
        what = said.label("asked")
    elif by_sheet and sheet is not None:
        what = said.label("undone" if sheet.undone else "imported")
    source = "" if by_sheet else said.code("sources", event.source)
    lines = list(_details(event, sheet, said))
    if event.basis and not by_sheet:
        # An edition has a name where there was a form; an import's is a hash, and an editor's words have none.
        shown = event.version and sheet is None
        lines.append(said.label("words_shown" if shown else "known_by", words=event.basis))
        lines += [said.label("edition", edition=event.version)] if shown else []
    lines += [said.label("network", network=event.network)] if event.network else []
    lines += [said.label("by", by=event.by)] if event.by else []
    return Entry(said.moment(event.at), ", ".join(filter(None, (what, source))), lines)


def _details(event: ConsentEvent, sheet: ChangedByImport | None, said: _Said) -> Iterator[str]:
    if sheet is not None:
        yield said.label("row", file=sheet.file_name, row=sheet.row)
    for name, value in (sheet.changes if sheet is not None else event.detail).items():
        if name in {"question", "asked"} or (name == "name" and not value):
            continue
        if name != "fields" and isinstance(value, list) and _is_change(name, value, event.kind, sheet):
            yield said.change(name, *value)
        else:
            yield said.detail(name, value)


def _is_change(name: str, value: list[Any], kind: str, sheet: ChangedByImport | None) -> bool:
    changes = {ConsentEvent.Kind.CHANGED, ConsentEvent.Kind.ADDRESS_CHANGED}
    return len(value) == len(("before", "after")) and (sheet is not None or kind in changes or name == "status")


def _letter(row: dict[str, Any], said: _Said) -> Entry:
    outcome = said.code("delivery", row["status"])
    if row["why"]:
        outcome = f"{outcome}, {said.code('skipped', row['why'])}"
    lines = [f"{outcome}. {said.label('sent_to', address=row['address'])}"]
    if names := ", ".join(filter(None, row["sections"])):
        lines.append(said.label("sections", names=names))
    lines += [said.label("reply", reply=row["reply"])] if row["reply"] else []
    return Entry(said.moment(row["finished_at"] or row["first_attempt_at"]), row["subject"], lines)


def _mail(row: dict[str, Any], said: _Said) -> Entry:
    return Entry(
        said.moment(row["finished_at"] or row["created_at"]),
        said.code("mail", row["kind"]),
        [said.code("outcome", row["outcome"])],
    )


def _feedback(row: dict[str, Any], said: _Said) -> Entry:
    what = ", ".join(filter(None, (said.code("feedback", row["kind"]), said.code("sources", row["source"]))))
    return Entry(said.moment(row["at"]), what, [said.detail(name, value) for name, value in row["detail"].items()])


def _move(row: dict[str, Any], said: _Said) -> Entry:
    done = row["confirmed_at"]
    told = said.label("confirmed", day=said.day(done)) if done else said.label("not_confirmed")
    return Entry(said.moment(row["asked_at"]), row["address"], [told])


def _row(row: dict[str, Any], said: _Said) -> Entry:
    stored = reasons.joined(reasons.kept(reason["code"], *reason["values"]) for reason in row["reasons"])
    outcome = reasons.words(outcome_code(row["status"], row["outcome"], stored), said.language)
    lines = [outcome[:1].upper() + outcome[1:]]
    lines += [reasons.words(stored, said.language)] if stored else []
    if row["before"] is not None and row["after"] is not None:
        changed = differences(row["before"], row["after"], said.names.slugs)
        lines += [said.change(name, *sides) for name, sides in changed.items()]
    return Entry(said.moment(row["at"]), said.label("row", file=row["file"], row=row["row"]), lines)
