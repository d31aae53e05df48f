"""The sum of a drill: who got it, who didn't, who got it twice, and how many of those the promise allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mailer.cli.drill.log import Received
from mailer.cli.drill.strikes import Strike, Striker

if TYPE_CHECKING:
    from mailer.models import Campaign


@dataclass(frozen=True)
class Sum:
    """What came of a drill, counted by its relay.

    `allowed`: one for each connection that a killed worker had open, and one for each message that the relay took without saying so.
    `problems` are sentences about what doesn't fit together; `folder` is where the logs lie when something went wrong.
    """

    seed: int
    recipients: int
    got_it: int
    refused: int
    lost: int
    repeated: int
    allowed: int
    struck: dict[Strike, int]
    problems: tuple[str, ...]
    seconds: float = 0.0
    folder: str = ""

    @classmethod
    def of(  # noqa: PLR0917  # what a drill is made of
        cls,
        seed: int,
        addresses: Sequence[str],
        received: Received,
        striker: Striker,
        campaign: Campaign,
        missed: Sequence[Strike] = (),
    ) -> Sum:
        """Add up what the relay wrote down, and compare it with our own records. `missed` are the planned strikes that did not come."""
        received.read()
        got, refused = set(received.message_ids), received.refused
        return cls(
            seed=seed,
            recipients=len(addresses),
            got_it=len(got & set(addresses)),
            refused=len(refused - got),
            lost=len(set(addresses) - got - refused),
            repeated=received.repeated,
            allowed=striker.at_risk + received.unanswered,
            struck={strike: striker.done[strike] for strike in Strike},
            problems=(*_problems(addresses, received, campaign), *_not_struck(missed)),
        )

    def after(self, seconds: float, folder: str) -> Sum:
        """Return it with how long the drill took, and where its logs lie, if they were kept."""
        return replace(self, seconds=seconds, folder=folder)

    @property
    def is_well(self) -> bool:
        """Whether nobody was lost, nobody got more than is promised, all that was planned has struck, and all numbers fit together."""
        return not self.lost and self.repeated <= self.allowed and not self.problems

    @property
    def last_line(self) -> str:
        """All in one line, for scripts."""
        return (
            f"seed {self.seed}: recipients {self.recipients} lost {self.lost} "
            f"repeated {self.repeated} allowed {self.allowed}"
        )

    def as_json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {
            "ok": self.is_well,
            "seed": self.seed,
            "recipients": self.recipients,
            "got_it": self.got_it,
            "refused": self.refused,
            "lost": self.lost,
            "repeated": self.repeated,
            "allowed": self.allowed,
            "struck": {strike.name.lower(): number for strike, number in self.struck.items()},
            "problems": list(self.problems),
            "seconds": round(self.seconds, 1),
        }


def _not_struck(missed: Sequence[Strike]) -> list[str]:
    """What the drill was to try and did not: such a drill has shown less than it says."""
    return [
        f"The campaign ended before all had struck that was planned: {number} x {strike.value} did not come."
        for strike, number in Counter(missed).items()
    ]


def _problems(addresses: Sequence[str], received: Received, campaign: Campaign) -> list[str]:
    """What doesn't fit together, between the relay's log and our records, and in each of them."""
    from mailer.models import Campaign, Delivery
    from mailer.results.totals import totals

    campaign.refresh_from_db()
    got, everyone = set(received.message_ids), set(addresses)
    by_status: dict[str, set[str]] = {}
    for status, address in Delivery.objects.filter(campaign=campaign).values_list("status", "address"):
        by_status.setdefault(status, set()).add(address)
    told = totals(campaign)
    counted = Counter({status: len(whose) for status, whose in by_status.items()})
    ids = {ids[0] for ids in received.message_ids.values()}
    checks = {
        f"The campaign is {campaign.status}. {campaign.held_because}": campaign.status == Campaign.Status.SENT,
        "The totals do not add up.": told.recipients == len(addresses) == sum(counted.values())
        and all(getattr(told, status) == counted[status] for status in Delivery.Status.values),
        "Our records call others sent than those who got it.": by_status.get("sent", set()) == got,
        "Our records call others failed than those who were refused.": by_status.get("failed", set())
        == received.refused - got,
        "Mail went to people who are not on the list.": got | received.refused <= everyone,
        f"{received.renamed} got copies with different Message-IDs.": not received.renamed,
        "Two people got the same Message-ID.": len(ids) == len(got),
    }
    return [sentence for sentence, holds in checks.items() if not holds]
