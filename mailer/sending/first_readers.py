"""Who gets a campaign first: a share of those who get a letter, drawn by lot, and colleagues among them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from mailer.models import Campaign
from mailer.sending.canary import limit_in_words, wait_in_words
from mailer.sending.planning import Canary, LaunchError, Order, Plan, people, plan
from subscribers.addresses import normalise
from subscribers.audiences import Segment
from subscribers.models import Subscriber

# Not everybody in the audience: there may be nothing in the issue for some, and who has no letter can't go first.
_READERS = """
    SELECT c.id, c.address_key FROM ({people}) c
    JOIN jsonb_to_recordset(%(segments)s) AS m(interest_ids bigint[], language text)
      ON m.interest_ids = c.interest_ids AND m.language = c.language
    WHERE c.left_out = ''
"""
_FIRST = """
    SELECT id FROM (
        SELECT c.id, c.address_key = ANY(%(colleagues)s) AS is_colleague,
               row_number() OVER (ORDER BY md5(c.id::text || '.' || %(campaign)s)) AS draw
        FROM ({readers}) c
    ) r
    WHERE is_colleague OR draw <= %(share)s
"""

# More addresses than a line holds are told as a number.
_MOST_NAMED = 3

People = tuple[str, Mapping[str, Any]]


def plan_order(order: Order) -> Plan:
    """Return what a launch of this order would do. Raises as `plan` does, and LaunchError when somebody is to go first who gets none."""
    planned = plan(order.issue, order.audience, order.people_of)
    if order.canary is not None and order.canary.addresses:
        with_letter = [variant.segment for variant in planned.variants if variant.sections]
        candidates = people(order.audience, order.people_of)
        strangers = _without_letter(order.canary.addresses, candidates, with_letter)
        if strangers:
            raise LaunchError(_why_not(strangers, candidates))
    return planned


def first_in_words(canary: Canary, recipients: int) -> str:
    """Return who would get it first, and for how long the others would wait."""
    share = _share(recipients, canary.percent)
    named = tuple(dict.fromkeys(normalise(address).key for address in canary.addresses))
    if max(share, len(named)) >= recipients:
        return f"All {recipients} would get it first, so that nobody waits to see how they fare."
    colleagues = ", ".join(canary.addresses) if len(named) <= _MOST_NAMED else f"{len(named)} whom you named"
    drawn = f"{share} drawn by lot" if share else ""
    who = " and ".join(filter(None, (drawn, colleagues if named else "")))
    return f"First: {who}. The rest {wait_in_words(canary.minutes)}. {limit_in_words()}"


def first_readers(campaign: Campaign, candidates: People, segments: Iterable[Segment], recipients: int) -> list[int]:
    """Return the ids of those who get a campaign first: the share, drawn by lot, and colleagues.

    `candidates` is the SQL of the candidates with its values, `segments` those that get a letter. Raises LaunchError when somebody was to
    go first and nobody of them gets a letter any more: then all would get it at once.
    """
    if not campaign.canary_percent and not campaign.canary_addresses:
        return []
    sql, values = _readers(candidates, segments)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIRST.format(readers=sql),
            {
                **values,
                "campaign": str(campaign.pk),
                "colleagues": [normalise(address).key for address in campaign.canary_addresses],
                "share": _share(recipients, campaign.canary_percent),
            },
        )
        found = [subscriber_id for (subscriber_id,) in cursor.fetchall()]
    if not found:
        raise LaunchError(
            f"Nobody of those who were to get it first gets this letter any more: {', '.join(campaign.canary_addresses)}. "
            "All would have got it at once."
        )
    return found


def _share(recipients: int, percent: float) -> int:
    return math.ceil(recipients * percent / 100)


def _without_letter(addresses: Iterable[str], candidates: People, segments: Iterable[Segment]) -> dict[str, str]:
    keys = {normalise(address).key: address for address in addresses}
    sql, values = _readers(candidates, segments)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT address_key FROM ({sql}) c WHERE address_key = ANY(%(keys)s)",  # noqa: S608  # our own SQL
            {**values, "keys": list(keys)},
        )
        found = {key for (key,) in cursor.fetchall()}
    return {key: address for key, address in keys.items() if key not in found}


def _why_not(strangers: Mapping[str, str], candidates: People) -> str:
    """Tell of each address, by its key, why it gets no letter: it may be mistyped, or the audience another than was meant."""
    sql, values = candidates
    keys = list(strangers)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT address_key, left_out FROM ({sql}) c WHERE address_key = ANY(%(keys)s)",  # noqa: S608  # our own SQL
            {**values, "keys": keys},
        )
        left_out = dict(cursor.fetchall())
    known = set(Subscriber.objects.filter(address_key__in=keys).values_list("address_key", flat=True))

    def why(key: str) -> str:
        if key not in known:
            return "is not on the list"
        if key not in left_out:
            return "is on the list, but not in this audience"
        return (
            f"is left out: {left_out[key]}"
            if left_out[key]
            else "is in the audience, but nothing in the issue is for them"
        )

    reasons: dict[str, list[str]] = {}
    for key, address in strangers.items():
        reasons.setdefault(why(key), []).append(address)
    told = "; ".join(f"{', '.join(addresses)} {why}" for why, addresses in reasons.items())
    return f"Who gets no letter can't get it first: {told}."


def _readers(candidates: People, segments: Iterable[Segment]) -> People:
    sql, values = candidates
    rows = [{"interest_ids": segment.interest_ids, "language": segment.language} for segment in segments]
    return _READERS.format(people=sql), {**values, "segments": json.dumps(rows)}
