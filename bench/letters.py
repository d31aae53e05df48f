"""How long letters take: all variants of Uke 45 warm, one letter in a new process, one message filled."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, combinations, cycle, islice
from pathlib import Path

from bench.measuring import median_seconds
from mailer.parsing.importing import parse_file
from mailer.parsing.issue import ParsedIssue, Section
from mailer.rendering.compiled import CompiledLetter, compile_letter
from mailer.rendering.letter import InterestName, Reader
from mailer.rendering.render import render_letter
from mailer.rendering.theme import load_theme
from mailer.rendering.variant import key

SAMPLE = Path(__file__).resolve().parents[1] / "tests" / "data" / "uke-45.txt"
SLUGS = ("students", "entrepreneurs", "businesses")
FILLS = 10_000

_FIRST = """
from bench.letters import variants
next(variants())
"""


@lru_cache
def sample() -> ParsedIssue:
    """Uke 45, parsed."""
    return parse_file(SAMPLE)


def variants() -> Iterator[CompiledLetter]:
    """Render and compile each of the eight variants of Uke 45."""
    return frozen(sample(), SLUGS, map(Reader, _combinations(SLUGS)))


def frozen(issue: ParsedIssue, slugs: Iterable[str], readers: Iterable[Reader]) -> Iterator[CompiledLetter]:
    """Render and compile the letters that differ, as a launch does."""
    theme, interests = load_theme("arctic"), [InterestName(slug, {"nb": slug, "en": slug}) for slug in slugs]
    seen = set()
    for reader in readers:
        if (letter := key(issue, reader)) not in seen:
            seen.add(letter)
            yield compile_letter(render_letter(issue, reader, theme=theme, interests=interests))


def issue_for_many(slugs: Sequence[str]) -> ParsedIssue:
    """Uke 45 with a section of its own for each of many interests, besides some for everyone."""
    common = tuple(replace(section, interests=(), part=None) for section in sample().sections[:3])
    stories = islice(cycle(sample().sections), len(slugs))
    special = (
        Section(f"{story.heading or 'Sak'} {slug}", story.blocks, None, (slug,))
        for slug, story in zip(slugs, stories, strict=True)
    )
    return replace(sample(), sections=(*common, *special), parts=())


def _combinations(slugs: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(slugs, size) for size in range(len(slugs) + 1))


def measure() -> dict[str, float]:
    """Return the figures of rendering."""
    letter = next(variants())
    values = {
        name: f"https://example.org/{name.lower()}/AAAAAgAAAAAAAAASQekSjq6FzXn3eBD6bBoVtQ" for name in letter.slots
    }
    headers = b"Subject: Uke 45\r\n"

    def fill() -> None:
        for _ in range(FILLS):
            letter.fill(values, headers)

    def first_preview() -> None:
        subprocess.run([sys.executable, "-c", _FIRST], check=True)

    return {
        "render_8_variants_ms": round(median_seconds(lambda: list(variants())) * 1000, 1),
        "first_preview_s": round(median_seconds(first_preview), 2),
        "fill_message_us": round(median_seconds(fill) / FILLS * 1_000_000, 1),
    }
