"""An audience as an editor tells it: a filter over the list, in the form that is kept with campaigns and under names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from subscribers.addresses import AddressError, normalise
from subscribers.custom_fields import field_named, known_fields
from subscribers.field_conditions import FieldCondition, check_condition
from subscribers.signup import check_language, interests_named

# A filter that says more than this is a mistake, and would make a statement that no database likes.
MOST_WORDS = 500

_DATES = frozenset({"joined_from", "joined_before", "not_heard_since"})


class AudienceError(ValueError):
    """The audience makes no sense. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Which subscribers a campaign goes to. Interests are slugs; none means the whole list.

    Someone who follows no interest gets every section, as the sign-up page promises, and so belongs to any audience of interests
    unless `only_followers` is set. `excluded` leaves out who follows one of these interests. Days are those of the organisation's
    time zone: `joined_from` has that day in it, `joined_before` has not. To join is a sign of life, and so `not_heard_since` is
    about those who joined before that day and have not been heard since; `never_heard` is about those of whom nothing ever was.
    """

    interests: tuple[str, ...] = ()
    match: Literal["any", "all"] = "any"
    language: str = ""
    excluded: tuple[str, ...] = ()
    only_followers: bool = False
    joined_from: date | None = None
    joined_before: date | None = None
    never_heard: bool = False
    not_heard_since: date | None = None
    domains: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    fields: tuple[FieldCondition, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The form kept with a campaign or under a name: what is not as it is by default."""
        empty = Audience()
        set_here = (field.name for field in fields(self) if getattr(self, field.name) != getattr(empty, field.name))
        return {name: _plain(getattr(self, name)) for name in set_here}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Audience:
        """Read the form kept, also of an older version. Raises AudienceError for what this version can't read."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(kept.keys() - known):
            raise AudienceError(f"The audience asks for {', '.join(unknown)}, which this version does not know.")
        try:
            return cls(**{name: _read(name, value) for name, value in kept.items()})
        except (KeyError, TypeError, ValueError) as problem:
            raise AudienceError(f"The audience as it was kept can't be read: {problem}") from None

    def check(self) -> None:
        """Raise SignupError for an interest or a language that does not exist, FieldError for a field, AudienceError for the rest."""
        interests_named((*self.interests, *self.excluded))
        if self.language:
            check_language(self.language)
        self._check_sense()
        for domain in self.domains:
            domain_key(domain)
        known = known_fields() if self.fields else {}
        for condition in self.fields:
            check_condition(condition, field_named(condition.field, known))

    def _check_sense(self) -> None:
        if self.match not in {"any", "all"}:
            raise AudienceError(f"An audience matches any or all of its interests, not '{self.match}'.")
        if both := sorted({*self.interests} & {*self.excluded}):
            raise AudienceError(f"'{both[0]}' is both asked for and excluded: nobody can be in this audience.")
        if self.only_followers and not self.interests:
            raise AudienceError("Say whose followers: an audience of followers only needs an interest.")
        if self.joined_from and self.joined_before and self.joined_from >= self.joined_before:
            raise AudienceError(f"Nobody joined from {self.joined_from} on and before {self.joined_before}.")
        if max(len(self.domains), len(self.sources), len(self.fields)) > MOST_WORDS:
            raise AudienceError(f"An audience can name {MOST_WORDS} domains, sources or fields, and no more.")


def domain_key(domain: str) -> str:
    """Return a domain as `Subscriber.domain` has it: small letters, punycode (RFC 5891). Raises AudienceError."""
    try:
        return normalise(f"someone@{domain.strip().removeprefix('@')}").key.rpartition("@")[2]
    except AddressError:
        raise AudienceError(f"'{domain[:80]}' is no domain. Write it like example.org.") from None


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, FieldCondition):
        return value.as_json()
    return value.isoformat() if isinstance(value, date) else value


def _read(name: str, value: Any) -> Any:
    if name == "fields":
        return tuple(FieldCondition.from_json(condition) for condition in value)
    if name in _DATES:
        return date.fromisoformat(value) if value else None
    return tuple(value) if isinstance(value, list) else value
