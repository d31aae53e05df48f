"""What the importer says about what it was unsure of: one sentence for each code, kept together to be translated."""

from __future__ import annotations

from collections.abc import Iterable

from mailer.parsing.blocks import block_text, links
from mailer.parsing.cards import unreadable_cards
from mailer.parsing.commonmark import is_too_deep
from mailer.parsing.issue import Block, Unsure

SENTENCES = {
    "title-suggested": "The text has no title of its own; “{text}” is a suggestion.",
    "title-guessed": "“{text}” is taken as the title.",
    "preheader-suggested": "The preheader is a suggestion, taken from the intro.",
    "heading-guessed": "“{text}” is taken as a heading because of how it stands; nothing marks it as one.",
    "heading-suggested": "This section has no heading of its own; “{text}” is a suggestion.",
    "heading-without-text": "No text follows the heading “{text}”.",
    "level-guessed": "“{text}” is taken as a heading in the part “{part}”; it may be a part of its own.",
    "cut-suggested": "A new section is suggested here: “{text}”.",
    "interests-suggested": "“{text}” seems to be for {interests}, by its words.",
    "link-without-target": "“{text}” leads nowhere: its address was lost or is missing.",
    "furniture-dropped": "“{text}” is left out: it belongs to the page and not to the letter.",
    "comment-dropped": "The comment “{text}” is left out.",
    "intro-guessed": "The intro is taken to end here; the next paragraph begins a section.",
    "closing-guessed": "From “{text}” on, the text is taken as the closing.",
    "quotation-guessed": "“{text}” is taken as a quotation because of its dash.",
    "language-guessed": "The language is taken to be {language}, by its words.",
    "no-headings": "The text has no headings; its paragraphs are cut into sections by what they are about.",
    "empty-letter": "There is a title and no text.",
    "event-suggested": "“{text}” on {when} looks like an event.",
    "weekday-mismatch": "“{text}” is no {weekday} in the years around this letter; no event is suggested for it.",
    "nested-deep": "“{text}” is nested too deeply for a letter, which shows the whole list or quotation as it is typed here.",
    "unknown-key": "The front matter has an unknown key “{text}”; it is not used.",
    "unknown-heading": "The front matter gives interests for “{text}”, and no section has that heading.",
}
_SHOWN = 60


def unreadable(blocks: Iterable[Block]) -> list[Unsure]:
    """A remark for each card that can't be read."""
    return [Unsure(block.line or 1, "card-unreadable", str(error)) for block, error in unreadable_cards(blocks)]


def nested_deeply(blocks: Iterable[Block]) -> list[Unsure]:
    """A remark for each list or quotation that is nested deeper than a letter shows."""
    return [unsure("nested-deep", block.line, block_text(block)) for block in blocks if is_too_deep(block.markdown)]


def links_without_target(groups: Iterable[Iterable[Block]]) -> list[Unsure]:
    """A remark for each link that was lost. A group is the blocks of one section, of the intro or of the closing."""
    lost = (link for blocks in groups for link in links(blocks) if link.target is None)
    return [unsure("link-without-target", link.line, link.text) for link in lost]


def unsure(code: str, line: int | None, text: str = "", **words: str) -> Unsure:
    """One remark. `text` is shortened to what fits in a sentence."""
    shown = " ".join(text.split())
    if len(shown) > _SHOWN:
        shown = shown[:_SHOWN].rsplit(" ", 1)[0] + " …"
    return Unsure(line or 1, code, SENTENCES[code].format(text=shown, **words))
