"""Who the letter says it is from: the organisation itself, and never what our themes have in its place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache

from mailer.checking.findings import Quoted, Sighting, seen
from mailer.checking.material import Material
from mailer.rendering.templates import TEMPLATES
from mailer.rendering.theme import Sender


def placeholders_in(sender: Sender) -> tuple[str, ...]:
    """What of a sender's name and postal address stands in our themes to be replaced."""
    return tuple(line for line in (sender.name, *sender.address) if line.strip() in _placeholders())


def refused_theme(material: Material) -> Iterator[Sighting]:
    """Templates of the organisation's that can't be used: letters look as they did before, or like ours."""
    problem = material.context.theme_problem
    if problem:
        yield seen("theme-old" if material.context.theme_worked else "theme-refused", problem=problem)


def unnamed_sender(material: Material) -> Iterator[Sighting]:
    """A letter from nobody: the law asks for the sender's name and postal address."""
    if found := placeholders_in(material.theme.sender):
        yield seen("sender-placeholder", names=tuple(map(Quoted, found)))


@lru_cache
def _placeholders() -> frozenset[str]:
    with (TEMPLATES / "placeholders.toml").open("rb") as file:
        return frozenset(tomllib.load(file)["sender"])


CHECKS = (refused_theme, unnamed_sender)
