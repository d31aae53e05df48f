"""Everything that is kept about one person, put together as data; `person_page` makes of it what the person reads."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from mailer.models import Delivery, Feedback
from subscribers import privacy
from subscribers.history import SAID, Happening
from subscribers.models import ConsentEvent, Subscriber

# What one press on the link in a letter writes in two tables.
_SAME_MOMENT = timedelta(minutes=1)

# The form of the JSON, so that a program that reads it knows what to expect.
FORM = "ukebrev-person-1"

_SAID = {
    Delivery.Status.SENT: "Was sent the letter",
    Delivery.Status.FAILED: "The letter could not be delivered",
    Delivery.Status.SKIPPED: "Was not sent the letter",
}
_CAME_BACK = {
    Feedback.Kind.BOUNCE: "A letter came back",
    Feedback.Kind.COMPLAINT: "Reported the letter as spam",
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
    rows = list(
        Feedback.objects.filter(subscriber=subscriber)
        .select_related("campaign__issue")
        .defer("campaign__issue__source")
    )
    back = [
        Happening(at=row.at, what=_CAME_BACK[Feedback.Kind(row.kind)], source=row.source)
        for row in rows
        if row.kind in _CAME_BACK
    ]
    return [*sent, *back, *_left(subscriber, [row for row in rows if row.kind == Feedback.Kind.UNSUBSCRIBE])]


def _left(subscriber: Subscriber, presses: list[Feedback]) -> list[Happening]:
    """Tell from which letters a person left. The consent log knows that they left: `history` puts the two together.

    A later press on the link of another letter changed nothing any more, and is told as that.
    """
    withdrawn = ConsentEvent.objects.filter(subscriber=subscriber, kind=ConsentEvent.Kind.WITHDRAWN)
    moments = list(withdrawn.values_list("at", flat=True)) if presses else []
    return [
        Happening(
            at=row.at,
            what=SAID[ConsentEvent.Kind.WITHDRAWN]
            if any(abs(row.at - moment) < _SAME_MOMENT for moment in moments)
            else "Pressed the link to leave once more",
            detail=f"{row.campaign.issue.title}, campaign {row.campaign_id}" if row.campaign else "",
            source=row.source,
        )
        for row in presses
    ]


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
