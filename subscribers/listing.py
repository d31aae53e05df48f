"""A page of subscribers, filtered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from subscribers.models import Subscriber
from subscribers.signup import SignupError, interests_named


@dataclass(frozen=True, slots=True)
class Listing:
    """What to list: who follows one of these interests, has this status; at most `limit`."""

    interests: tuple[str, ...] = ()
    status: str = ""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """The people of a page, and how many there are in all."""

    people: Sequence[Subscriber]
    total: int


def list_page(listing: Listing) -> Page:
    """Return a page, the newest first, in three queries. Raises SignupError for an unknown interest or status."""
    people = Subscriber.objects.all()
    if listing.interests:
        people = people.filter(subscriptions__interest__in=interests_named(listing.interests)).distinct()
    if listing.status:
        if listing.status not in Subscriber.Status.values:
            raise SignupError(
                f"There is no status '{listing.status}'. There are: {', '.join(Subscriber.Status.values)}."
            )
        people = people.filter(status=listing.status)
    page = people.order_by("-id").prefetch_related("interests")[: listing.limit]
    return Page(people=list(page), total=people.count())
