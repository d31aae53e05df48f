"""Words of the command line, read."""

from __future__ import annotations


def comma_list(text: str) -> tuple[str, ...]:
    """Return the words between commas, each once, in order."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
