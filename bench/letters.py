"""How long letters take to render: all variants of Uke 45 warm, one in a process that has just started, one message filled."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import chain, combinations
from pathlib import Path

from bench.measuring import median_seconds
from mailer.parsing.importing import parse_file
from mailer.rendering.compiled import CompiledLetter, compile_letter
from mailer.rendering.letter import InterestName, Reader
from mailer.rendering.render import render_letter
from mailer.rendering.theme import load_theme

SAMPLE = Path(__file__).resolve().parents[1] / "tests" / "data" / "uke-45.txt"
SLUGS = ("students", "entrepreneurs", "businesses")
FILLS = 10_000

_FIRST = """
from bench.letters import variants
next(variants())
"""


def variants() -> Iterator[CompiledLetter]:
    """Render and compile each of the eight variants of Uke 45."""
    issue, theme = parse_file(SAMPLE), load_theme("arctic")
    interests = [InterestName(slug, {"nb": slug, "en": slug}) for slug in SLUGS]
    for combination in chain.from_iterable(combinations(SLUGS, size) for size in range(len(SLUGS) + 1)):
        yield compile_letter(render_letter(issue, Reader(combination), theme=theme, interests=interests))


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
