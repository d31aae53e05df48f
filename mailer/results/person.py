"""Everything that is kept about one person, put together: as data for a machine, and as a page that the person can read and print."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from mailer.local.paths import PACKAGE_PARENT
from mailer.models import Delivery, Feedback
from subscribers import privacy
from subscribers.custom_fields import known_fields
from subscribers.field_values import values_for_letter
from subscribers.history import Happening
from subscribers.models import Subscriber

# The form of the JSON, so that a program that reads it knows what to expect.
FORM = "ukebrev-person-1"

# What rows keep as one of a few English words.
_KEPT_AS_WORDS = ("kind", "status", "why", "outcome", "reason", "flag")

_SAID = {
    Delivery.Status.SENT: "Was sent the letter",
    Delivery.Status.FAILED: "The letter could not be delivered",
    Delivery.Status.SKIPPED: "Was not sent the letter",
}
_CAME_BACK = {
    Feedback.Kind.BOUNCE: "A letter came back",
    Feedback.Kind.COMPLAINT: "Reported the letter as spam",
    Feedback.Kind.UNSUBSCRIBE: "Left from a letter",
}


def export(subscriber: Subscriber) -> dict[str, Any]:
    """Return everything that is kept about a person, in a form that JSON can say (GDPR articles 15 and 20)."""
    return {
        "form": FORM,
        "made_at": timezone.now(),
        **privacy.about(subscriber),
        "letters": [_letter(delivery) for delivery in _deliveries(subscriber)],
        "feedback": list(
            Feedback.objects.filter(subscriber=subscriber).values("kind", "at", "source", "campaign_id", "detail")
        ),
    }


def export_html(subscriber: Subscriber, *, organisation: str, contact: str, language: str = "") -> str:
    """Return the same as a page of its own: no script, nothing fetched from anywhere. `language`: the person's, unless told otherwise."""
    told = language or subscriber.language
    data = export(subscriber)
    known = known_fields()
    values = values_for_letter(subscriber.fields, language=told, known=known)
    names = {slug: field.name_nb if told == "nb" else field.name_en for slug, field in known.items()}
    named = "interest__name_nb" if told == "nb" else "interest__name_en"
    with translation.override(told):
        return render_to_string(
            f"privacy/export.{told}.html",
            {
                **_in_words(data, told),
                "organisation": organisation,
                "contact": contact,
                "follows": [row[named] for row in data["interests"]],
                "fields": [(names[slug], values[slug]) for slug in known if values[slug]],
            },
        )


@lru_cache(maxsize=4)
def _words(language: str) -> Mapping[str, str]:
    file = PACKAGE_PARENT / "templates" / "privacy" / f"words.{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _in_words(data: dict[str, Any], language: str) -> dict[str, Any]:
    """Put beside each word of the database what the language calls it: for `kind` there is `kind_said`, and so on."""
    words = _words(language)

    def said(row: dict[str, Any]) -> dict[str, Any]:
        known = {name: row[name] for name in _KEPT_AS_WORDS if isinstance(row.get(name), str)}
        return row | {f"{name}_said": words.get(word, word) for name, word in known.items()}

    lists = {name: [said(row) for row in rows] for name, rows in data.items() if isinstance(rows, list)}
    flags = [said({"flag": flag}) for flag in data["person"]["flags"]]
    return data | lists | {"person": data["person"] | {"flags": flags}}


def as_plain(value: Any) -> Any:
    """Return what JSON has no form for as ISO 8601. Raises TypeError for anything but a moment or a day."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def happenings(subscriber: Subscriber) -> list[Happening]:
    """Return what letters were sent to a person and what came back, for their history."""
    sent = [
        Happening(
            at=row.finished_at,
            what=_SAID.get(Delivery.Status(row.status), "The letter is on its way"),
            detail="; ".join(filter(None, (row.variant.subject, row.skip_reason or row.reply_text))),
            source=f"campaign {row.campaign_id}",
        )
        for row in _deliveries(subscriber)
        if row.finished_at
    ]
    back = [
        Happening(at=row.at, what=_CAME_BACK[Feedback.Kind(row.kind)], source=row.source)
        for row in Feedback.objects.filter(subscriber=subscriber)
        if row.kind in _CAME_BACK
    ]
    return [*sent, *back]


def _deliveries(subscriber: Subscriber) -> list[Delivery]:
    rows = Delivery.objects.filter(subscriber=subscriber).select_related("variant", "campaign__issue")
    return list(rows.defer("variant__html", "variant__text", "variant__compiled").order_by("pk"))


def _letter(row: Delivery) -> dict[str, Any]:
    return {
        "campaign": row.campaign_id,
        "issue": row.campaign.issue.title,
        "subject": row.variant.subject,
        "sections": row.variant.section_headings,
        "address": row.address,
        "status": row.status,
        "why": row.skip_reason,
        "attempts": row.attempts,
        "first_attempt_at": row.first_attempt_at,
        "finished_at": row.finished_at,
        "reply": row.reply_text,
    }
