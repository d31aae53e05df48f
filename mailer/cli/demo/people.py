"""The demo's subscribers: four in every combination of the interests, three reading bokmål and one English."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

from mailer.models import Campaign
from mailer.sending.control import cancel
from subscribers.addresses import normalise
from subscribers.interests import DEFAULTS
from subscribers.models import Subscriber
from subscribers.signup import NewSubscriber, add_subscriber

_FIRST = (
    "Anne", "Bjørn", "Cecilie", "Dag", "Edda", "Finn", "Guro", "Håkon", "Ingrid", "Jonas", "Kari", "Lars", "Marit", "Nils",
    "Oda", "Per", "Ragnhild", "Sjur", "Tuva", "Ulrik", "Vigdis", "Øystein", "Åse", "Ærlend", "Berit", "Christian", "Dina",
    "Emil", "Frida", "Gjermund", "Hege", "Isak",
)  # fmt: skip
_LAST = ("Sørensen", "Bakkejord", "Lillegård", "Næss", "Åsli", "Fjellvang", "Østby", "Kvamme")
_A_SEGMENT = 4


def demo_people() -> Iterator[NewSubscriber]:
    """Give the demo's people, the same at each run."""
    slugs = [slug for slug, _, _ in DEFAULTS]
    every = list(chain.from_iterable(combinations(slugs, size) for size in range(len(slugs) + 1)))
    for number, first in enumerate(_FIRST):
        segment = every[number // _A_SEGMENT]
        yield NewSubscriber(
            # RFC 2606 keeps example.org for this: a mail that ever got out would reach nobody.
            address=f"demo{number + 1:02}@example.org",
            name=f"{first} {_LAST[number % len(_LAST)]}",
            language="en" if number % _A_SEGMENT == _A_SEGMENT - 1 else "nb",
            interests=segment,
            basis="A made-up person of the demo.",
            source="demo",
        )


def add_missing_people() -> tuple[int, int]:
    """Add those of the demo's people who are not on the list. Return how many were added and how many were there."""
    people = list(demo_people())
    keys = {normalise(person.address).key: person for person in people}
    there = set(Subscriber.objects.filter(address_key__in=keys).values_list("address_key", flat=True))
    for key, person in keys.items():
        if key not in there:
            add_subscriber(person)
    return len(keys) - len(there), len(there)


def end_earlier_demos() -> int:
    """Cancel the campaigns of demos that were cut short, which nobody waits for any more. Return how many."""
    left = Campaign.objects.filter(
        transitions__by="demo", status__in=[Campaign.Status.LAUNCHING, Campaign.Status.SENDING, Campaign.Status.PAUSED]
    )
    numbers = set(left.values_list("pk", flat=True))
    for number in numbers:
        cancel(number, by="demo")
    return len(numbers)
