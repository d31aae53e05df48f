"""What a renderer is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose letter it is: the interests followed (slugs; none means everything) and the language of the fixed words."""

    interests: tuple[str, ...] = ()
    language: str = "nb"


@dataclass(frozen=True, slots=True)
class InterestName:
    """What an interest is called in running text, by language: {"nb": "studenter", "en": "students"}."""

    slug: str
    names: Mapping[str, str] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        """The name in `language`, else in any language, else the slug: a reader is never shown an empty word."""
        return self.names.get(language) or next(iter(self.names.values()), "") or self.slug


@dataclass(frozen=True, slots=True)
class Options:
    """What of the letter depends on the site: pages that exist, and whether opens or clicks are counted.

    `preferences` puts in the links to the page where a reader changes what they get (slot PREFERENCES_URL).
    `tracking` leaves out the sentence that promises that nothing is tracked.
    `suggested_headings` shows headings that the importer made up and no editor has accepted yet, for a look at them;
    a letter that is sent says what its author wrote.
    `calendar_url` gives the address of an event's .ics: its arguments are the section's position in the issue and the
    event's among the section's (both from 0). Without it, and in the intro and closing, events lead to no calendar.
    `site_url` is where pictures that were taken in (`/i/...`) are served, without a slash at its end; without it their
    words stand in their place.
    `more_less` puts "more of this" and "less of this" under each section that has interests; they lead to pages below
    that of the preferences.
    `fields` are the slugs that an author may write as `[[slug]]` in a body (see `fields.py`); none leaves all as typed.
    """

    preferences: bool = False
    tracking: bool = False
    suggested_headings: bool = False
    calendar_url: Callable[[int, int], str] | None = None
    site_url: str = ""
    more_less: bool = False
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """One variant, rendered.

    `html` and `text` have slots (see `slots.py`) still to be filled; `subject` and `preheader` are finished, one line
    each. `language` is that of what the author wrote. `sections` are the positions, in the issue, of its sections.
    """

    subject: str
    preheader: str
    html: str
    text: str
    language: str
    sections: tuple[int, ...]
