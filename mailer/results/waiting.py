"""For what a campaign waits while nothing is wrong, and until when: a limit, a warm-up plan, a domain's pace, a canary, another try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Min
from django.utils import timezone

from mailer.models import Batch, Campaign
from mailer.results.first_ones import first_ones
from mailer.results.totals import Progress
from mailer.sending.canary import is_only_the_pause
from mailer.sending.domains import group_of
from mailer.sending.pace import DomainRate, RelayUsage, configured_pace
from mailer.sending.relays import Relay, configured_relays
from mailer.sending.tallies import sent_today


@dataclass(frozen=True, slots=True)
class Waiting:
    """That nothing goes before `until`; `why` is a sentence for people."""

    why: str
    until: datetime


def waiting(campaign: Campaign, counted: Progress) -> Waiting | None:
    """Return for what a campaign waits; None when it does not, or when it is held, which `held_because` tells.

    Asks Redis what the relays took, and only then. While Redis is away, the sentence says less.
    """
    if campaign.status != Campaign.Status.SENDING:
        return None
    if is_only_the_pause(campaign):
        return _for_the_first(campaign)
    batches = Batch.objects.filter(campaign=campaign)
    if campaign.held_because or batches.exclude(lease_owner="").exists():
        return None
    due: datetime | None = batches.aggregate(due=Min("due_at"))["due"]
    if due is None or due <= timezone.now():
        return None
    pending = counted.totals.pending
    if not pending:
        return Waiting(
            f"Refused for now, and to be tried again: {counted.totals.deferred}, the next {from_when(due)}.", due
        )
    limits = _full_relays(due) or _slow_domains(counted.domains, due)
    until = min((moment for _, moment in limits), default=due)
    why = " ".join(sentence for sentence, _ in limits) or "What could not be handed over goes a little later."
    return Waiting(f"{why} To go: {pending}, the next {from_when(until)}.", until)


def _for_the_first(campaign: Campaign) -> Waiting | None:
    first = first_ones(campaign)
    return Waiting(first.in_words(), first.ends_at) if first and first.ends_at else None


def _full_relays(due: datetime) -> list[tuple[str, datetime]]:
    """Return why no relay takes anything, and until when; nothing when one of them does."""
    relays = configured_relays()
    usage = configured_pace(sent_today).relay_usage(relays)
    full = [_full(relay, used, due) for relay, used in zip(relays, usage, strict=True)]
    return [each for each in full if each is not None] if all(full) else []


def _full(relay: Relay, used: RelayUsage, due: datetime) -> tuple[str, datetime] | None:
    today = timezone.localdate()
    if used.allowance is not None:
        if relay.warm_up is not None and relay.warm_up > today:
            return f"The warm-up plan of {relay.name} begins on {relay.warm_up}.", _start_of(relay.warm_up)
        took = sent_today(relay.name) if used.day is None else used.day
        if took >= used.allowance:
            tomorrow = _start_of(today + timedelta(days=1))
            return f"{relay.name} took the {used.allowance} of its warm-up plan for today.", max(tomorrow, due)
    if used.per_hour is not None and (used.hour or 0) >= used.per_hour:
        return f"{relay.name} took the {used.per_hour} that it may have in an hour.", due
    return None


def _slow_domains(domains: Mapping[str, Mapping[str, int]], due: datetime) -> list[tuple[str, datetime]]:
    waiting = {group_of(domain) for domain, numbers in domains.items() if domain and numbers.get("pending")}
    slow = [rate for rate in configured_pace(sent_today).domain_rates() if rate.domain in waiting]
    return [(sentence, due) for sentence in _in_words(slow)]


def _in_words(slow: list[DomainRate]) -> Iterator[str]:
    for domain, limit, slowed_to in slow:
        if slowed_to is not None:
            yield f"{domain} asked for less, and gets {slowed_to:g} a second for now."
        else:
            yield f"{domain} gets {limit:g} a second at most."


def from_when(moment: datetime) -> str:
    """Return a moment to come in words, without its day when that is today."""
    local = timezone.localtime(moment)
    return f"at {local:%H:%M:%S}" if local.date() == timezone.localdate() else f"on {local:%Y-%m-%d} at {local:%H:%M}"


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
