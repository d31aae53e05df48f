"""The drill's readers: as many as are asked for, all made up."""

from __future__ import annotations

from mailer.local.problems import LocalProblem
from subscribers.addresses import normalise
from subscribers.models import Subscriber
from subscribers.suppression import address_hash

_AT_ONCE = 2000


def make_people(number: int) -> list[str]:
    """Fill an empty list with so many readers; return their addresses. Raises LocalProblem if it isn't empty: then it isn't ours."""
    if Subscriber.objects.exists():
        raise LocalProblem("The drill found people on the list it was to make. Nothing was done.")
    # RFC 2606 keeps this name: a mail that got out would reach nobody. Of many towns: a refusal slows down the mail to its domain.
    addresses = [f"reader{each}@town{each % _TOWNS}.example.org" for each in range(number)]
    Subscriber.objects.bulk_create((_reader(address) for address in addresses), batch_size=_AT_ONCE)
    return addresses


_TOWNS = 997


def _reader(address: str) -> Subscriber:
    key = normalise(address).key
    return Subscriber(
        address=address,
        address_key=key,
        address_hash=address_hash(key),
        name="Kari Nordmann",
        status=Subscriber.Status.ACTIVE,
        source="drill",
    )
