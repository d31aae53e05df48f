"""The plan of a launch: who would get what, as a sum that an editor can check before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from mailer.models import Campaign, Issue
from mailer.models.translations import Editions, editions
from mailer.rendering.letter import Reader
from mailer.rendering.variant import sections_for
from mailer.sending.freeze import PlannedVariant
from mailer.sending.headers import Mailbox, read_mailbox
from mailer.sending.letterhead import theme_refusal
from subscribers.audiences import Audience, Count, Segment, candidates_sql, survey_of


class LaunchError(ValueError):
    """The campaign can't be launched. The message is a sentence for people; nothing was sent."""


@dataclass(frozen=True, slots=True)
class PeopleOf:
    """The people of an earlier campaign: those who got it (with one of these letters, if any are named), or those who did not."""

    campaign: Campaign
    who: Campaign.People
    variants: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Canary:
    """Who goes first: so many in a hundred of the recipients, and these addresses; and for how many minutes the rest waits."""

    percent: float = 0.0
    addresses: tuple[str, ...] = ()
    minutes: int = 15


@dataclass(frozen=True, slots=True)
class Order:
    """What an editor asks for: this issue, to these people, from this sender."""

    issue: Issue
    audience: Audience
    sender: Mailbox
    by: str
    # Empty: the setting MAIL_REPLY_TO.
    reply_to: str = ""
    people_of: PeopleOf | None = None
    canary: Canary | None = None
    # Although the same people are getting it already, or got it moments ago.
    again: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a launch would do, for a look before it is done."""

    count: Count
    variants: tuple[PlannedVariant, ...]

    @property
    def recipients(self) -> int:
        """How many would get mail: the audience's recipients, less those for whom there is nothing in the issue."""
        return sum(variant.segment.recipients for variant in self.variants if variant.sections)

    @property
    def left_out(self) -> dict[str, int]:
        """The candidates who would get no mail, by reason. Together with the recipients they are the candidates."""
        empty = self.count.recipients - self.recipients
        return self.count.left_out | ({"nothing for them": empty} if empty else {})

    def in_words(self) -> str:
        """The sum, in words."""
        less = "".join(f", less {number} {reason}" for reason, number in self.left_out.items())
        open_minded = sum(v.segment.recipients for v in self.variants if v.sections and not v.segment.interests)
        everything = f"; {open_minded} of them follow no interest and get everything" if open_minded else ""
        return f"{self.count.candidates} candidates{less}: {self.recipients} get it{everything}{self._translated()}."

    def _translated(self) -> str:
        numbers: dict[str, int] = {}
        for variant in self.variants:
            if variant.sections and variant.translated:
                numbers[variant.language] = numbers.get(variant.language, 0) + variant.segment.recipients
        return "".join(f"; {number} get the translation into '{language}'" for language, number in numbers.items())

    def as_sum(self) -> dict[str, Any]:
        """The sum, as it is kept with a campaign when it is approved."""
        return {"candidates": self.count.candidates, "recipients": self.recipients, "left_out": self.left_out}

    def as_json(self) -> dict[str, Any]:
        """The form for scripts."""
        return {
            **self.as_sum(),
            "segments": [
                {
                    "interests": list(variant.segment.interests),
                    "language": variant.segment.language,
                    "recipients": variant.segment.recipients,
                    "content_language": variant.language,
                    "sections": list(variant.sections),
                }
                for variant in self.variants
            ],
        }


def sender_named(text: str) -> Mailbox:
    """Return the sender that someone typed, or the one of the settings when they typed none. Raises SenderError."""
    return read_mailbox(text or settings.MAIL_FROM)


# Who of an earlier campaign: its delivery tells. A delivery that is still under way, or uncertain, may yet arrive: neither got nor missed.
# Nor did anybody miss it for certain of whom it could not be told once whether a relay had taken it, whatever came after that.
_PEOPLE_OF = """
    SELECT c.* FROM ({people}) c
    JOIN mailer_delivery earlier ON earlier.subscriber_id = c.id AND earlier.campaign_id = %(people_of)s
    JOIN mailer_variant letter ON letter.id = earlier.variant_id
    WHERE earlier.status = ANY(%(people_who)s) AND (earlier.status = 'sent' OR earlier.uncertain = 0)
      AND (%(people_variants)s::int[] = '{{}}' OR letter.number = ANY(%(people_variants)s::int[]))
"""
_STATUSES = {Campaign.People.GOT: ["sent"], Campaign.People.MISSED: ["failed", "skipped"]}


def people(audience: Audience, of: PeopleOf | None = None) -> tuple[str, dict[str, Any]]:
    """Return the SQL of the candidates and its values, with the columns of `candidates_sql`. Raises AudienceError."""
    sql, values = candidates_sql(audience)
    if of is None:
        return sql, values
    restricted = {"people_of": of.campaign.pk, "people_who": _STATUSES[of.who], "people_variants": list(of.variants)}
    return _PEOPLE_OF.format(people=sql), values | restricted


def plan(issue: Issue, audience: Audience, of: PeopleOf | None = None) -> Plan:
    """Return what a launch would do.

    Raises SignupError for an unknown interest, LaunchError when nobody would get anything, for a translation, or while letters
    would look like ours because the organisation's own templates can't be used.
    """
    if refusal := theme_refusal():
        raise LaunchError(
            f"Your own templates can't be used, and no version of them has worked before, so that letters would have our look "
            f"and our sender. {refusal} Mend that, or take ORGANISATION_FOLDER out of the settings."
        )
    if issue.translation_of is not None:
        raise LaunchError(
            f"{issue.slug} is a translation and is not sent by itself. Send {issue.translation_of.slug}: "
            f"who reads '{issue.language}' gets the translation."
        )
    texts = editions(issue)
    found = survey_of(people(audience, of))
    planned = tuple(_planned(texts, segment) for segment in found.segments)
    if not any(variant.sections for variant in planned):
        raise LaunchError(_nobody(found.count, of, letters=len(planned)))
    return Plan(count=found.count, variants=planned)


def _planned(texts: Editions, segment: Segment) -> PlannedVariant:
    reader = Reader(segment.interests, segment.language)
    text = texts.for_reader(reader)
    return PlannedVariant(segment, sections_for(text, reader), text.language, translated=text is not texts.main)


def _nobody(total: Count, of: PeopleOf | None, *, letters: int) -> str:
    if of is not None and not total.candidates:
        whom = "got it" if of.who is Campaign.People.GOT else "surely did not get it"
        return f"Nobody gets this letter: there is nobody in the audience of whom campaign {of.campaign.pk} knows that they {whom}."
    if letters:
        return "Nobody gets this letter: it has no section for anyone in the audience. Tag fewer sections, or choose a wider audience."
    left_out = ", ".join(f"{number} {reason}" for reason, number in total.left_out.items())
    return f"Nobody gets this letter: there is no active subscriber in the audience{f' (left out: {left_out})' if left_out else ''}."


def drift(approved: Mapping[str, Any], now: Plan) -> str:
    """Return in words what changed between the approved sum and the one at launch; empty when nothing did."""
    if not approved or approved == now.as_sum():
        return ""
    before, after = approved["recipients"], now.recipients
    gone = {reason: number - approved["left_out"].get(reason, 0) for reason, number in now.left_out.items()}
    more = "".join(f", {number:+d} {reason}" for reason, number in gone.items() if number)
    return (
        f"{before} were approved, {after} get it: {now.count.candidates - approved['candidates']:+d} candidates{more}."
    )
