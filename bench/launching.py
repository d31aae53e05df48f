"""How long a launch takes, on a PostgreSQL of its own: an audience with 12 interests in 2,000 combinations."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailer.models import Issue

COMBINATIONS = 2000
INTERESTS = 12


def measure() -> dict[str, float]:
    """Return the figures of launching. Starts and stops the servers that it needs, and leaves nothing."""
    with tempfile.TemporaryDirectory(prefix="ukebrev-bench-") as place:
        Path(place).chmod(0o711)
        for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL"):
            os.environ.pop(name, None)
        os.environ["UKEBREV_VAR"] = str(Path(place) / "var")
        from mailer.cli.starting import house

        with house(queue=True):
            return {"freeze_2000_variants_s": round(_freeze(), 1)}


def _freeze() -> float:
    from mailer.models import Variant
    from mailer.sending import launch, planning
    from subscribers.audiences import Audience

    slugs = _interests()
    _subscribers(slugs)
    order = planning.Order(issue=_issue(slugs), audience=Audience(), sender=planning.sender_named(""), by="bench")
    campaign = launch.create_campaign(order)
    began = time.perf_counter()
    launch.launch(campaign.pk, by="bench")
    taken = time.perf_counter() - began
    frozen = Variant.objects.count()
    if frozen != COMBINATIONS:
        raise RuntimeError(f"{frozen} variants were frozen, not {COMBINATIONS}: the figure would mean nothing.")
    return taken


def _interests() -> list[str]:
    from subscribers.models import Interest

    slugs = [f"interest-{number:02}" for number in range(INTERESTS)]
    Interest.objects.all().delete()
    Interest.objects.bulk_create(
        Interest(slug=slug, name_nb=slug, name_en=slug, position=position) for position, slug in enumerate(slugs)
    )
    return slugs


def _subscribers(slugs: list[str]) -> None:
    from subscribers.models import Interest, Subscriber, Subscription
    from subscribers.suppression import address_hash

    every = itertools.chain.from_iterable(itertools.combinations(slugs, size) for size in range(len(slugs) + 1))
    chosen = list(itertools.islice(every, COMBINATIONS))
    addresses = [f"reader{number}@example.org" for number in range(COMBINATIONS)]
    people = Subscriber.objects.bulk_create(
        Subscriber(address=a, address_key=a, address_hash=address_hash(a), status="active") for a in addresses
    )
    ids = dict(Interest.objects.values_list("slug", "pk"))
    Subscription.objects.bulk_create(
        Subscription(subscriber=person, interest_id=ids[slug])
        for person, follows in zip(people, chosen, strict=True)
        for slug in follows
    )


def _issue(slugs: list[str]) -> Issue:
    from bench.letters import issue_for_many
    from mailer.models.parsed import store_issue

    return store_issue(issue_for_many(slugs), source="bench").issue
