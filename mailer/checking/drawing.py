"""An issue's letters, rendered by the same road as a launch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, combinations

from mailer.checking.material import Context, Letter, Material
from mailer.rendering.fields import NAMES
from mailer.rendering.inliner import InliningError
from mailer.rendering.letter import Options, Reader
from mailer.rendering.render import render_letter
from mailer.rendering.slots import SlotError, names_in
from mailer.rendering.templates import BrokenTemplateError
from mailer.rendering.toml_tables import SettingsError
from mailer.rendering.variant import distinct_variants

# All combinations of more interests than this are more letters than a look takes time for.
_MOST_COMBINED = 4
MOST_LETTERS = 64


class Undrawable(Exception):  # noqa: N818  # a state of the letter, told to people
    """There is no letter. The message is the renderer's sentence."""


def draw(material: Material, reader: Reader) -> Letter:
    """The letter that a reader gets. Raises Undrawable."""
    try:
        letter = render_letter(
            material.issue,
            reader,
            theme=material.theme,
            interests=material.interests,
            options=_options(material.context),
        )
        names_in(letter.html + letter.text)
    except (BrokenTemplateError, SettingsError, InliningError, SlotError) as problem:
        raise Undrawable(str(problem)) from problem
    return Letter(reader, letter.subject, letter.preheader, letter.html, letter.text)


def _options(context: Context) -> Options:
    """The options of a launch: fields are places for what a reader has, and not brackets."""
    return replace(context.options, fields=context.options.fields | NAMES | (context.fields or frozenset()))


def draw_all(material: Material) -> tuple[Letter, ...]:
    """Each letter that differs, that of a reader who gets every section first. Raises Undrawable."""
    everything = Reader((), material.issue.language)
    readers = [everything, *(material.context.segments or _followers(material))]
    distinct = list(dict.fromkeys(distinct_variants(material.issue, readers).values()))
    return tuple(draw(material, reader) for reader in distinct[:MOST_LETTERS])


def _followers(material: Material) -> Iterable[Reader]:
    """Readers of every combination of interests, or of each one alone where there are many."""
    slugs = [interest.slug for interest in material.interests]
    largest = len(slugs) if len(slugs) <= _MOST_COMBINED else 1
    every = chain.from_iterable(combinations(slugs, size) for size in range(1, largest + 1))
    return [Reader(combination, material.issue.language) for combination in every]
