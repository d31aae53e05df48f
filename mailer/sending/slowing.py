"""Domains that asked us to slow down: which replies ask for it, how far their rate goes down, and how it comes up again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mailer.sending.shared import Shared, SharedTable
from mailer.sending.wire import Reply

LOWEST_RATE = 0.1
# Without a limit of its own a domain is forgotten at this rate, or at what it took before, whichever is more (messages a second).
_LEAST_CEILING = 10.0
# In milliseconds. What is on the wire at the moment of a refusal is refused as well, and says nothing new.
_DEAF_FOR = 5_000
_STEP = 30_000
_GROWTH = 1.5

# RFC 3463, 3.4-3.8: 3.2 takes no mail just now, 4.5 is congested, 5.3 too many recipients (which of one can only mean "for now").
# Used so by Exchange (4.3.2, too many connections) and Gmail (4.4.5, server busy).
_SLOW_DOWN = {"4.3.2", "4.4.5", "4.5.3"}
# RFC 3463, 3.8: what these have against the message doesn't depend on how fast it came (4.7.5: no TLS, and so on).
_NOT_ABOUT_SPEED = {"4.7.2", "4.7.3", "4.7.4", "4.7.5", "4.7.6", "4.7.7"}
_ABOUT_SPEED = re.compile(
    r"rate[ -]?limit|throttl|too (?:many|fast|quickly|frequent)|slow(?:ing)? down|unusual rate|relay limit exceeded"
    r"|server (?:is )?busy|due to (?:unexpected )?volume",
    re.IGNORECASE,
)
# A server that greylists (RFC 6647) wants to see the same message again, not fewer of them; a full mailbox and a reader who gets too much
# mail are one reader's matter (Gmail: 450 4.2.1).
_ABOUT_ONE_READER = re.compile(
    r"gr[ea]y-?list|postgrey|\buser\b.*\breceiving mail\b|over ?quota|mailbox (?:is )?full", re.IGNORECASE
)


def asks_to_slow_down(reply: Reply) -> bool:
    """Tell whether a reply says that mail to this domain comes too fast.

    That is any temporary 4.7.z (RFC 3463, 3.8: policy; Gmail's 421 4.7.28 "unusual rate", Microsoft's 451 4.7.500-699, Yahoo's 421 4.7.0)
    but those that are about the message itself, and 421, 450, 451, 452 whose words say so, as older servers do.
    Sources: https://support.google.com/a/answer/3726730, Microsoft's "Fix email delivery issues for error code 451 4.7.500-699",
    https://senders.yahooinc.com/smtp-error-codes.
    """
    if not 400 <= reply.code < 500 or _ABOUT_ONE_READER.search(reply.text):  # noqa: PLR2004  # RFC 5321, 4.2.1: temporary
        return False
    enhanced = reply.enhanced_code
    if enhanced in _SLOW_DOWN:
        return True
    if enhanced.startswith("4.7."):
        return enhanced not in _NOT_ABOUT_SPEED
    return reply.code in {421, 450, 451, 452} and _ABOUT_SPEED.search(reply.text) is not None


@dataclass(frozen=True, slots=True)
class Slowed:
    """A domain that was slowed down to `rate` at the moment `since` (milliseconds of Redis' clock). Rates are messages a second."""

    rate: float
    ceiling: float
    since: int

    def rate_at(self, now: int) -> float | None:
        """Return the rate that is allowed by now, half as much again each half minute; None when it has recovered."""
        steps = min(max(now - self.since, 0) // _STEP, 100)
        rate = self.rate * _GROWTH**steps
        return rate if rate < self.ceiling else None

    def text(self) -> str:
        """Write it down for `read`."""
        return f"{self.rate:.6g} {self.ceiling:.6g} {self.since}"

    @classmethod
    def read(cls, text: str) -> Slowed | None:
        """Return what `text` wrote; None for anything else."""
        try:
            rate, ceiling, since = text.split()
            return cls(float(rate), float(ceiling), int(since))
        except ValueError:
            return None


def slowed_down(before: Slowed | None, *, observed: float, limit: float | None, now: int) -> Slowed:
    """Return what becomes of a domain that asks to slow down: half of what it is allowed now, or of what it got just before."""
    allowed = before.rate_at(now) if before else None
    if before and allowed is not None:
        if now - before.since < _DEAF_FOR:
            return before
        return replace(before, rate=max(allowed / 2, LOWEST_RATE), since=now)
    at_most = limit if limit is not None else max(observed, _LEAST_CEILING)
    start = min(observed, at_most) if observed > 0 else at_most
    return Slowed(max(start / 2, LOWEST_RATE), max(at_most, 2 * LOWEST_RATE), now)


class SlowedDomains:
    """The slowed-down domains that all processes know, by the name of their group."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._table = SharedTable(shared, "slowed-domains")

    def rates(self) -> Mapping[str, float]:
        """Return the rate allowed now of each domain that is slowed down; asks Redis at most once a second."""
        table = self._table.read()
        if not table:
            return {}
        now = self._shared.now()
        rates = {domain: slowed.rate_at(now) for domain, text in table.items() if (slowed := Slowed.read(text))}
        for domain in table.keys() - {domain for domain, rate in rates.items() if rate is not None}:
            self._table.change(domain, self._forget_if_recovered)
        return {domain: rate for domain, rate in rates.items() if rate is not None}

    def slow_down(self, domain: str, *, observed: float, limit: float | None) -> None:
        """Halve what a domain is allowed. `observed` is what it got just before, `limit` its limit by the settings (messages a second)."""
        known = Slowed.read(self._table.read().get(domain, ""))
        if known and self._shared.now() - known.since < _DEAF_FOR:
            return
        self._table.change(
            domain,
            lambda text: slowed_down(Slowed.read(text), observed=observed, limit=limit, now=self._shared.now()).text(),
        )

    def _forget_if_recovered(self, text: str) -> str:
        slowed = Slowed.read(text)
        return text if slowed and slowed.rate_at(self._shared.now()) is not None else ""
