"""Mails that are not sent any more, because it is too late for them.

The machine may have been off for days, or the database restored from a copy: then the mail may have gone long ago, and whoever asked has
forgotten it, or asked anew. Its link would be as good as new, whatever the page had said about how long it works.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from subscribers.models import ConsentEvent, OwedMail
from subscribers.moving import MOVE_WITHIN
from subscribers.signup import CONFIRM_WITHIN

_WITHIN = {
    OwedMail.Kind.SIGNUP: timedelta(seconds=CONFIRM_WITHIN),
    OwedMail.Kind.REMINDER: timedelta(seconds=CONFIRM_WITHIN),
    OwedMail.Kind.NEW_ADDRESS: timedelta(seconds=MOVE_WITHIN),
}


def too_late(owed: OwedMail) -> str:
    """Return why a mail that is due is not to be sent any more, as a sentence for people; empty when it is."""
    now = timezone.now()
    asked_at, within = _asked_at(owed), _WITHIN.get(OwedMail.Kind(owed.kind))
    if within is not None and now - asked_at >= within:
        return f"It was asked for on {_day(asked_at)}, and what it asks could be answered for {within.days} days. It can be asked for anew."
    # Whoever tries puts a new time there: that is the sign of life.
    if owed.due_at is not None and now - owed.due_at >= timedelta(days=settings.RESUME_WITHIN_DAYS):
        return (
            f"It was to go on {_day(owed.due_at)}, and nobody sent it then. If this database was restored from a copy, "
            "it may have gone after the copy was made. It can be asked for anew."
        )
    return ""


def _asked_at(owed: OwedMail) -> datetime:
    """Return when the person asked for what the mail is about; a reminder is of something that was asked before."""
    if owed.kind == OwedMail.Kind.REMINDER and owed.subscriber is not None:
        asked = owed.subscriber.consent_events.filter(kind=ConsentEvent.Kind.ASKED).last()
        if asked is not None:
            return asked.at
    return owed.created_at


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d}"
