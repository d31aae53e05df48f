"""From what someone typed to the record that they mean."""

from __future__ import annotations

from django.db.models import F

from mailer.models import Campaign, Issue
from subscribers.addresses import normalise
from subscribers.models import Subscriber


class NotFoundError(ValueError):
    """There is no such record. The message is a sentence for people that tells which there are."""


def find_issue(name: str) -> Issue:
    """Return the issue with this number or slug, or the newest whose slug begins with it. Raises NotFoundError."""
    named = Issue.objects.filter(slug=name.lower()).first()
    if named is None and name.isascii() and name.isdigit() and len(name) < 10:  # noqa: PLR2004  # what an integer column holds
        named = Issue.objects.filter(pk=int(name)).first()
    if named is None:
        # A translation's slug begins with its issue's, and the issue is meant.
        begun = Issue.objects.filter(slug__startswith=f"{name.lower()}-")
        named = begun.order_by(F("translation_of").asc(nulls_first=True), "-id").first()
    if named is None:
        slugs = list(Issue.objects.values_list("slug", flat=True)[:11])
        there = ", ".join(slugs[:10]) + (" …" if len(slugs) > 10 else "")  # noqa: PLR2004  # as many as a line holds
        raise NotFoundError(
            f"There is no issue '{name}'. "
            + (f"There are: {there}." if there else "There is none yet; `ukebrev issue import FILE` makes one.")
        )
    return named


def find_campaign(number: int | None) -> Campaign:
    """Return the campaign with this number, or the newest. Raises NotFoundError."""
    campaigns = Campaign.objects.select_related("issue")
    found = campaigns.first() if number is None else campaigns.filter(pk=number).first()
    if found is None:
        raise NotFoundError(
            "There is no campaign yet; `ukebrev campaign send ISSUE` makes one."
            if number is None
            else f"There is no campaign {number}. `ukebrev campaign list` tells which there are."
        )
    return found


def find_subscriber(address: str) -> Subscriber:
    """Return the subscriber with this address, in whatever case. Raises NotFoundError, or AddressError for what is no address."""
    found = Subscriber.objects.filter(address_key=normalise(address).key).first()
    if found is None:
        raise NotFoundError(f"Nobody on the list has the address {address}.")
    return found
