"""What the importer suggested is accepted: from then on it counts as if an editor had written it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from mailer.models.issue import Issue, Section
from mailer.parsing.cards import write_card
from mailer.parsing.json_form import read_event

# What the importer says of each kind of suggestion in its report.
_CODES = {
    "headings": "heading-suggested",
    "cuts": "cut-suggested",
    "interests": "interests-suggested",
    "events": "event-suggested",
}
KINDS = tuple(_CODES)


@dataclass(frozen=True, slots=True)
class Accepted:
    """How many suggestions of each kind were accepted: sections for the first three, cards for events."""

    headings: int = 0
    cuts: int = 0
    interests: int = 0
    events: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.headings + self.cuts + self.interests + self.events


@transaction.atomic
def accept_suggestions(
    issue: Issue, *, headings: bool = True, cuts: bool = True, interests: bool = True, events: bool = True
) -> Accepted:
    """Accept the suggestions of these kinds, all of them or, on an error, none.

    Headings are then shown in letters, and events stand as cards at the end of their sections. An issue that was changed is a
    draft again. Accepting twice changes nothing the second time.
    """
    issue = Issue.objects.select_for_update(of=("self",)).get(pk=issue.pk)
    accepted = Accepted(
        headings=_settle(issue, "heading_suggested") if headings else 0,
        cuts=_settle(issue, "cut_suggested") if cuts else 0,
        interests=_settle(issue, "interests_suggested") if interests else 0,
        events=_put_cards(issue) if events else 0,
    )
    if accepted.total:
        _settle_report(issue, {"headings": headings, "cuts": cuts, "interests": interests, "events": events})
    return accepted


def _settle(issue: Issue, flag: str) -> int:
    return Section.objects.filter(issue=issue, **{flag: True}).update(**{flag: False})


def _put_cards(issue: Issue) -> int:
    """Put the suggested events into their sections, and return how many they were."""
    suggested = dict(enumerate(issue.import_report.get("events", [])))
    cards = {
        position: [write_card(read_event(event)).markdown for event in events] for position, events in suggested.items()
    }
    changed = [section for section in issue.sections.all() if cards.get(section.position)]
    for section in changed:
        section.body = "\n\n".join([section.body.rstrip(), *cards[section.position]]).lstrip()
    Section.objects.bulk_update(changed, ["body"])
    return sum(len(cards[section.position]) for section in changed)


def _settle_report(issue: Issue, kinds: dict[str, bool]) -> None:
    """Take what was accepted out of the importer's report, and make the issue a draft."""
    settled = {_CODES[kind] for kind, wanted in kinds.items() if wanted}
    report = issue.import_report
    report["unsure"] = [doubt for doubt in report.get("unsure", []) if doubt["code"] not in settled]
    if kinds["events"]:
        report["events"] = []
    issue.status = Issue.Status.DRAFT
    issue.save(update_fields=["import_report", "status", "changed_at"])
