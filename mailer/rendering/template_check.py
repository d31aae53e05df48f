"""Templates tried before they are used: on a letter with everything in it, and on one with next to nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from mailer.parsing.cards import Event, Note, Person, write_card
from mailer.parsing.issue import Block, ParsedIssue, Section
from mailer.rendering.compiled import compile_letter
from mailer.rendering.letter import InterestName, Options, Reader
from mailer.rendering.render import render_letter
from mailer.rendering.slots import SLOT, SlotError
from mailer.rendering.theme import SocialLink, Theme
from mailer.rendering.words import LANGUAGES

_INTERESTS = (InterestName("a", {"nb": "naboer", "en": "neighbours"}), InterestName("b", {"nb": "gjester"}))
_LINK = "https://example.org/?a=1&b=2"
_SITE = "https://example.org"
_TEMPLATES = frozenset({".mjml", ".txt", ".css"})
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def check_templates(theme: Theme) -> None:
    """Raises BrokenTemplateError, SettingsError or SlotError if the theme's templates can't give every letter.

    What is tried: each partial, each language, letters with and without a week, interests, greeting and social links.
    The message of the error is for people: which file, about which line, and what was expected there.
    """
    for issue, reader, options, tried in _trials(theme):
        letter = render_letter(issue, reader, theme=tried, interests=_INTERESTS, options=options)
        try:
            compile_letter(letter)
        except SlotError as error:
            raise SlotError(f"{_place_of_slot(error, theme.folders)}{error}") from error


def empty_templates(folder: Path) -> list[str]:
    """The templates in an organisation's folder that put nothing into a letter, by their names."""
    templates = sorted(path for path in folder.rglob("*") if path.suffix in _TEMPLATES and path.is_file())
    return [str(path.relative_to(folder)) for path in templates if not _COMMENT.sub("", _text_of(path)).strip()]


def _place_of_slot(error: SlotError, folders: Sequence[Path]) -> str:
    """The file and line that a slot nobody fills is written in, or nothing."""
    slot = SLOT.search(str(error))
    for folder in folders if slot else ():
        for path in sorted(folder.rglob("*")):
            if path.suffix in _TEMPLATES and slot and slot[0] in (text := _text_of(path)):
                return f"{path.relative_to(folder)}, line {text[: text.index(slot[0])].count(chr(10)) + 1}: "
    return ""


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _trials(theme: Theme) -> Iterator[tuple[ParsedIssue, Reader, Options, Theme]]:
    all_pages = Options(
        preferences=True,
        calendar_url=lambda *_: f"{_SITE}/c/x.ics",
        site_url=_SITE,
        more_less=True,
        fields=frozenset({"sted"}),
    )
    lavish = replace(theme, greeting=True, social=(SocialLink("Mastodon", _LINK),))
    bare = replace(theme, greeting=False, social=(), daylight=None)
    for language in LANGUAGES:
        for interests in ((), ("a",), ("a", "b"), ("c",)):
            yield full_issue(), Reader(interests, language), all_pages, lavish
    for week in (25, 51, 53, None):
        yield replace(full_issue(), week=week), Reader(), Options(tracking=True), theme
    yield ParsedIssue(""), Reader(), Options(), bare
    yield ParsedIssue("x", sections=(Section("", _text("x")),)), Reader(("a",)), Options(), bare


def full_issue() -> ParsedIssue:
    """An issue in which every kind of block, section and part occurs."""
    return ParsedIssue(
        "Uke 45",
        year=2021,
        week=45,
        intro=_text("Hei."),
        parts=("Del",),
        sections=(
            Section("", _text("Uten overskrift.")),
            Section("Kort", _cards()),
            Section("Tekst", _text(*_MARKDOWN), "Del", ("a",)),
            Section("", _text("Mer."), "Del", ("a", "b")),
            Section("Slutt", _text("Bare for noen."), None, ("b",)),
        ),
        closing=_text("Ha det!", "Alle oss."),
        subjects={"a": "Til naboene"},
    )


def _text(*markdown: str) -> tuple[Block, ...]:
    return tuple(Block("paragraph", source) for source in markdown)


_MARKDOWN = (
    "Tekst for [[sted|deg]].",
    "Tekst med [lenke](https://example.org/?a=1&b=2), `kode` og **fet**.",
    "### Mellomtittel",
    "> -Sitat.\n>\n> — Navn",
    "- a\n  - b\n\n1. c",
    "| a | b |\n|---|---|\n| c | 1 |",
    "| a | b | c | d |\n|---|---|---|---|\n| e | 1 | 2 | 3 |",
    "```\nkode\n```",
    "---",
    "[Første knapp](https://example.org/?a=1&b=2)",
    "[Andre knapp](https://example.org)",
    '![Bilde](/i/0123456789ab-1040x600.jpg "Tekst")',
    "[![](https://example.org/a.jpg)](https://example.org)",
)


def _cards() -> tuple[Block, ...]:
    cards = (
        Event("Dag", date(2021, 11, 17), link=_LINK, place="Sted"),
        Event("Dager", date(2021, 11, 22), date(2021, 11, 26)),
        Event("Time", datetime(2021, 11, 17, 12, 0), datetime(2021, 11, 17, 13, 0)),  # noqa: DTZ001  # the card's own time
        Person("Jenny", "Prosjektleder", "jenny@example.org"),
        Person("Edda"),
        Note("Rettelse", "Ny *dato*."),
    )
    return tuple(write_card(card) for card in cards)
