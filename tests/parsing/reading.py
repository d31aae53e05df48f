"""Ways to look at a parsed issue that the tests share."""

import re
from collections import Counter
from pathlib import Path

from hypothesis import strategies as st

from mailer.parsing.blocks import block_text
from mailer.parsing.importing import parse_text
from mailer.parsing.issue import Block, ParsedIssue, Section
from mailer.parsing.lines import plain_text

DATA = Path(__file__).parent.parent / "data"
TEXTS = sorted((DATA / "texts").glob("*.txt"))
UKE_45 = DATA / "uke-45.txt"

# What people type, in every order: the pieces that a reader of texts trips over.
_PIECES = [
    "Uke 45", "\n", "\n\n", "\n", "Hei alle!", "- ", "1. ", "2. ", "# ", "## ", "**Fet**", "===", "---", "Overskrift", "Mvh", "Kari",
    "Dette er en lang setning som går over flere ord og slutter med punktum. ", "https://x.no/å", "post@x.no", "Les mer her.", "* ",
    "• ", "«Hei», sier Per.", "<!-- x -->", "```", "interests: students", "{closing}", "| a | b |", "|---|---|", "> ", "    ", "\t",
    "[a]: http://x", "[a]", "&amp;", "\\", "_x_", "\u2028", "\x85", "sections: none", "kl. 18.00", "Pris: 250 kr", "PÅ STORE", "`",
    "-Ja, sa hun.", "~~", "<b>", "{{ x }}", "---\n", "title: x\n", "o ", "a) ", "+ ", "!", "\x00", "1.1 ", "![", "\u00a0",
    "\u200b", "event",
]  # fmt: skip
ANY_TEXT = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W\d_]+", plain_text(text)))


def blocks_of(issue: ParsedIssue) -> list[Block]:
    return [*issue.intro, *(block for section in issue.sections for block in section.blocks), *issue.closing]


def every_word(issue: ParsedIssue, *, with_targets: bool = False) -> Counter[str]:
    """The words that a letter shows or that were reported as dropped, without those that were only suggested.

    `with_targets` counts the addresses of links as well, by looking at the Markdown and not at what it shows.
    """
    headings = [section.heading for section in issue.sections if not section.heading_suggested]
    shown = [_unescaped(block.markdown) if with_targets else block_text(block) for block in blocks_of(issue)]
    return words("\n".join([issue.title, *issue.parts, *headings, *shown, *(each.text for each in issue.dropped)]))


def _unescaped(markdown: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


def outline(text: str) -> list[tuple[str | None, str | None]]:
    """Part and heading of each section; None for a heading that is only suggested."""
    return [(s.part, None if s.heading_suggested else s.heading) for s in parse_text(text).sections]


def section(text: str, heading: str) -> Section:
    return next(each for each in parse_text(text).sections if each.heading == heading)
