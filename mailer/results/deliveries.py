"""Who got it, and who did not: the deliveries of a campaign, one row each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from mailer.models import Campaign, Delivery


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """What became of one delivery, in the relay's words where there are any."""

    address: str
    name: str
    status: str
    why: str
    attempts: int
    relay: str
    finished_at: datetime | None
    sections: list[str]

    def as_json(self) -> dict[str, Any]:
        """The form for scripts."""
        return asdict(self)


class UnknownStatusError(ValueError):
    """There is no such status. The message is a sentence for people."""


def deliveries(campaign: Campaign, *, status: str = "", address_key: str = "", limit: int = 100) -> list[DeliveryRow]:
    """Return deliveries of a campaign, filtered, in the order of their making. Raises UnknownStatusError."""
    if status and status not in Delivery.Status.values:
        raise UnknownStatusError(f"There is no status '{status}'. There are: {', '.join(Delivery.Status.values)}.")
    rows = Delivery.objects.filter(campaign=campaign).select_related("subscriber")
    # A letter's HTML and bytes are not wanted here, and are most of its row.
    rows = rows.select_related("variant").defer("variant__html", "variant__text", "variant__compiled")
    if status:
        rows = rows.filter(status=status)
    if address_key:
        rows = rows.filter(address_key=address_key)
    return [
        DeliveryRow(
            address=row.address,
            name=row.subscriber.name,
            status=row.status,
            why=row.skip_reason or (row.reply_text if row.status != Delivery.Status.SENT else ""),
            attempts=row.attempts,
            relay=row.relay,
            finished_at=row.finished_at,
            sections=row.variant.section_headings,
        )
        for row in rows.order_by("pk")[:limit]
    ]
