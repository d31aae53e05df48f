"""The one signal there is: somebody is owed a mail. This app knows nothing of mail, so it can only say so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from subscribers.models import OwedMail, Subscriber

# Sent after the commit, with `owed_id`. The row counts: a receiver that fails loses nothing.
mail_owed = Signal()


def owe_nothing(kind: OwedMail.Kind) -> None:
    """Write down that a mail is not sent: the same work as `owe`, and so the same time, for who must not learn the difference."""
    now = timezone.now()
    nothing = OwedMail.objects.create(kind=kind, outcome=OwedMail.Outcome.NOT_NEEDED, finished_at=now)
    transaction.on_commit(lambda: mail_owed.send_robust(OwedMail, owed_id=nothing.pk))


def owe(
    kind: OwedMail.Kind,
    address: str,
    *,
    subscriber: Subscriber | None = None,
    detail: dict[str, Any] | None = None,
    due_at: datetime | None = None,
) -> OwedMail:
    """Write down that a mail is owed, and say so after the commit. `due_at` is now unless it is later."""
    owed = OwedMail.objects.create(
        kind=kind, address=address, subscriber=subscriber, detail=detail or {}, due_at=due_at or timezone.now()
    )
    transaction.on_commit(lambda: mail_owed.send_robust(OwedMail, owed_id=owed.pk))
    return owed
