"""A campaign counted: by status, relay, domain and letter, from tallies of its batches, so that reading costs next to nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection

from mailer.models import Campaign, Delivery
from mailer.results.rate import Rate, rate
from mailer.sending.tallies import TALLY, counted


@dataclass(frozen=True, slots=True)
class Totals:
    """Deliveries by status. They add up to `recipients`."""

    recipients: int
    pending: int
    sending: int
    sent: int
    deferred: int
    failed: int
    skipped: int
    uncertain: int

    @property
    def done(self) -> int:
        """How many deliveries have come to an end."""
        return self.sent + self.failed + self.skipped


@dataclass(frozen=True, slots=True)
class Progress:
    """A campaign counted in every way. `letters` tells recipients and sent by the id of the variant."""

    totals: Totals
    relays: dict[str, dict[str, int]]
    domains: dict[str, dict[str, int]]
    letters: dict[int, tuple[int, int]]
    # How often nobody could tell whether a relay had taken a message.
    times_uncertain: int
    pace: Rate = field(default_factory=Rate)

    @property
    def rate(self) -> float:
        """Messages a second just now; 0 while nothing is sent."""
        return self.pace.a_second

    @property
    def seconds_left(self) -> float | None:
        """How long it takes at this rate until each has been tried; None when that can't be told."""
        left = self.totals.pending + self.totals.sending
        return left / self.rate if self.rate and left and not self.pace.some_wait else None


_UNCOUNTED = """
    JOIN mailer_batch own ON own.id = c.batch_id
    WHERE own.campaign_id = %(campaign)s AND own.tally IS NULL AND own.is_made
"""
# One snapshot: the kept tallies, one made now over the batches that have none, and the people whose rows are not made yet.
_COUNT = f"""
    WITH d AS MATERIALIZED (
        {counted(_UNCOUNTED)}
    ), t AS (
        SELECT tally FROM mailer_batch WHERE campaign_id = %(campaign)s AND tally IS NOT NULL
        UNION ALL SELECT {TALLY}
    )
    SELECT
        (SELECT COALESCE(sum(size), 0) FROM mailer_batch WHERE campaign_id = %(campaign)s AND NOT is_made),
        (SELECT jsonb_object_agg(key, n) FROM (
            SELECT key, sum(value::int) AS n FROM t, jsonb_each_text(tally -> 'statuses') GROUP BY 1) x),
        (SELECT jsonb_object_agg(key, n) FROM (
            SELECT key, jsonb_build_array(sum((value ->> 0)::int), sum((value ->> 1)::int)) AS n
            FROM t, jsonb_each(tally -> 'letters') GROUP BY 1) x),
        (SELECT jsonb_object_agg(key, j) FROM (
            SELECT key, jsonb_object_agg(status, n) AS j FROM (
                SELECT o.key, i.key AS status, sum(i.value::int) AS n
                FROM t, jsonb_each(tally -> 'relays') o, jsonb_each_text(o.value) i GROUP BY 1, 2) y GROUP BY 1) x),
        (SELECT jsonb_object_agg(key, j) FROM (
            SELECT key, jsonb_object_agg(status, n) AS j FROM (
                SELECT o.key, i.key AS status, sum(i.value::int) AS n
                FROM t, jsonb_each(tally -> 'domains') o, jsonb_each_text(o.value) i GROUP BY 1, 2) y GROUP BY 1) x),
        (SELECT COALESCE(sum((tally ->> 'uncertain')::int), 0) FROM t)
"""  # noqa: S608  # our own SQL


# Workers see a pause within a second.
_LOOK_AGAIN_SECONDS = 0.2


def progress(campaign: Campaign) -> Progress:
    """Count a campaign. Reads one row a batch, and the deliveries of those batches only that somebody works on."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"campaign": campaign.pk})
        unmade, *counted, uncertain = cursor.fetchone()
    statuses, letters, relays, domains = (json.loads(text) if text else {} for text in counted)
    return Progress(
        totals=_totals(statuses, unmade),
        relays=relays,
        domains=_largest_first(domains),
        letters={int(variant): (recipients, sent) for variant, (recipients, sent) in letters.items()},
        times_uncertain=uncertain,
        pace=rate(campaign),
    )


def totals(campaign: Campaign) -> Totals:
    """Count a campaign's deliveries by status."""
    return progress(campaign).totals


def progress_at_rest(campaign: Campaign, within_seconds: float = 2.0) -> Progress:
    """Count a campaign that was just paused or cancelled as soon as nothing of it is on the wire any more, or after these seconds."""
    end = time.monotonic() + within_seconds
    while (counted := progress(campaign)).totals.sending and time.monotonic() < end:
        time.sleep(_LOOK_AGAIN_SECONDS)
    return counted


def _totals(by_status: Mapping[str, int], unmade: int) -> Totals:
    numbers = {status: int(by_status.get(status, 0)) for status in Delivery.Status.values}
    numbers["pending"] += unmade
    return Totals(recipients=sum(numbers.values()), **numbers)


def _largest_first(domains: Mapping[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    order = sorted(domains, key=lambda domain: (not domain, -sum(domains[domain].values()), domain))
    return {domain: domains[domain] for domain in order}
