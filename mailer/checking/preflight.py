"""The preflight: every check there is, over one issue. Adding a check is a function in one of these lists, its words, and a test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from mailer.checking import (
    audience,
    cards,
    clients,
    contrast,
    fields,
    images,
    letterhead,
    letters,
    links,
    remains,
    repeated,
    subject,
    timing,
    tone,
    translations,
)
from mailer.checking.drawing import Undrawable, draw_all
from mailer.checking.findings import LEVELS, Finding, Sighting, codes, say, seen
from mailer.checking.material import Context, Material, placed_links
from mailer.parsing.issue import ParsedIssue
from mailer.rendering.letter import InterestName
from mailer.rendering.theme import Theme

Check = Callable[[Material], Iterable[Sighting]]

CHECKS: tuple[Check, ...] = (
    *subject.CHECKS,
    *links.CHECKS,
    *images.CHECKS,
    *tone.CHECKS,
    *timing.CHECKS,
    *cards.CHECKS,
    *audience.CHECKS,
    *translations.CHECKS,
    *repeated.CHECKS,
    *remains.CHECKS,
    *fields.CHECKS,
    *letterhead.CHECKS,
    *letters.CHECKS,
    *clients.CHECKS,
    *contrast.CHECKS,
)


def examine(
    issue: ParsedIssue,
    *,
    theme: Theme,
    interests: Sequence[InterestName],
    context: Context = Context(),  # noqa: B008  # immutable
) -> list[Finding]:
    """What an editor should know before the letter goes out: errors first, then warnings, then advice.

    `interests` are the organisation's, in its order. Never raises for what an issue holds: a letter that can't be drawn
    is a finding. Asks neither clock, network nor database: what they know comes in `context`.
    """
    material = Material(issue, theme, tuple(interests), context)
    return [say(sighting, context.language) for sighting in sightings(material)]


def sightings(material: Material) -> list[Sighting]:
    """The same in no language yet; letters that the material lacks are drawn."""
    found: list[Sighting] = []
    if not material.letters:
        try:
            material = replace(material, letters=draw_all(material))
        except Undrawable as problem:
            found.append(seen("letter-broken", problem=str(problem)))
    found += [sighting for check in CHECKS for sighting in check(material)]
    # The same words twice in one place are one thing to mend.
    once = {repr(sighting): sighting for sighting in found}
    return sorted(once.values(), key=_weight)


def _weight(sighting: Sighting) -> tuple[int, float, int]:
    """Errors first; then by place in the letter, what concerns all of it first."""
    level = LEVELS.index(codes()[sighting.code]["level"])
    return level, sighting.place.position if sighting.place else -1, sighting.line or 0


def web_links(issue: ParsedIssue) -> list[str]:
    """The addresses that `reaching.reach` can try, once each."""
    return list(dict.fromkeys(each.target for each in placed_links(issue) if each.target.lower().startswith("http")))
