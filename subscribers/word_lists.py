"""Lists of words in files beside this one: one word a line, comments begin with #."""

from __future__ import annotations

from pathlib import Path


def read_words(name: str) -> frozenset[str]:
    """Return the words of a file of this package, in lower case."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip().lower() for line in lines if line.strip() and not line.startswith("#"))
