"""What people agree to when they sign up, in the words that they are shown.

Each edition keeps its name and its words for good: the consent log names the edition, and so can prove years later what was agreed to
(GDPR article 7(1)). Changing the words means adding an edition.
"""

from __future__ import annotations

from string import Template

CURRENT = "2026-11"

_EDITIONS = {
    "2026-11": {
        "nb": "Ja, send meg ukebrevet fra $organisation på e-post. "
        "Adressen brukes bare til det, og jeg kan slutte når jeg vil.",
        "en": "Yes, send me the weekly letter from $organisation by e-mail. "
        "My address is used for that only, and I can stop whenever I like.",
    },
}


def edition_or_current(name: str) -> str:
    """Return the edition that a form says it showed, or the current one when there is none of that name."""
    return name if name in _EDITIONS else CURRENT


def words(edition: str, language: str, organisation: str) -> str:
    """Return the words of an edition, in Norwegian for a language that it hasn't got. Raises KeyError for an unknown edition."""
    texts = _EDITIONS[edition]
    return Template(texts.get(language, texts["nb"])).substitute(organisation=organisation)
