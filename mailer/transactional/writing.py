"""A mail to one person as HTML and plain text, in the organisation's theme and with the letter's own parts.

What a mail says lies in `templates/transactional/MAIL/LANGUAGE.toml`; `$names` in it are string.Template's, so that nothing that was
typed can be a template. How it looks is `_layout.mjml` and `_layout.txt`, the same for all. An organisation's folder may hold
`transactional/` with files of its own, which come first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils import timezone

from mailer.rendering import frame, page, slots, templates, toml_tables
from mailer.rendering.daylight import WEEKS
from mailer.rendering.letter import RenderedLetter
from mailer.rendering.text_layout import WIDTH, right_aligned, underlined, without_blanks_at_line_ends, wrap
from mailer.rendering.theme import Theme
from mailer.rendering.words import language_for, load_words, phrase

FOLDER = templates.TEMPLATES.parent / "transactional"
_OWN = "transactional"


@dataclass(frozen=True, slots=True)
class MailWords:
    """What one mail says in one language, with $names."""

    subject: str
    preheader: str
    title: str
    text: tuple[str, ...]
    buttons: tuple[str, ...]
    after: tuple[str, ...]
    why: str
    preferences: str = ""
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceWords:
    """How a person's interests are told, in one language."""

    choices: str
    everything: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a mail's words: the values of $names, where its buttons lead, and the links at its foot (empty: none)."""

    values: Mapping[str, str]
    buttons: Sequence[str] = ()
    preferences: str = ""
    unsubscribe: str = ""


def write_mail(name: str, language: str, contents: Contents, *, theme: Theme, site_url: str) -> RenderedLetter:
    """Return a mail rendered, with no slots left to fill.

    Raises BrokenTemplateError or SettingsError for an organisation's own files that give no mail.
    """
    language = language_for(language)
    words = _words(MailWords, name, language, theme.folders)
    said = _Said(words, contents)
    context = _context(said, language, theme, site_url)
    html = templates.render("_layout.mjml", _folders(theme), context)
    text = templates.render("_layout.txt", _folders(theme), {**context, **_as_text(said, context)})
    return RenderedLetter(
        subject=slots.restore(said.line(words.subject)),
        preheader=slots.restore(said.line(words.preheader)),
        html=slots.restore_html(frame.to_html(html, theme)),
        text=slots.restore_text(without_blanks_at_line_ends(text).strip() + "\n"),
        language=language,
        sections=(),
    )


def choices_in_words(names: Sequence[str], language: str, theme: Theme) -> str:
    """Return a sentence that tells which interests were chosen; none means everything."""
    language = language_for(language)
    words = _words(ChoiceWords, "_words", language, theme.folders)
    enumerated = load_words(language, theme.folders).enumeration(list(names))
    return phrase(words.choices, interests=enumerated) if names else phrase(words.everything)


class _Said:
    """A mail's words with the values in them, unable to form a slot."""

    def __init__(self, words: MailWords, contents: Contents) -> None:
        self._values = {name: slots.typed_line(value) for name, value in contents.values.items()}
        self.title = self.line(words.title)
        self.preheader = self.line(words.preheader)
        self.text = [self.line(paragraph) for paragraph in words.text]
        self.after = [self.line(paragraph) for paragraph in words.after]
        self.why = self.line(words.why)
        self.buttons = [
            {"label": self.line(label), "html": self.line(label), "address": address, "second": bool(position)}
            for position, (label, address) in enumerate(zip(words.buttons, contents.buttons, strict=False))
        ]
        doors = ((words.preferences, contents.preferences), (words.unsubscribe, contents.unsubscribe))
        self.doors = [(self.line(label), address) for label, address in doors if label and address]

    def line(self, shape: str) -> str:
        return phrase(shape, **self._values)


def _context(said: _Said, language: str, theme: Theme, site_url: str) -> dict[str, Any]:
    title = said.title
    heading = page.Heading(title, "", "", "longest")
    sender = slots.typed_line(theme.sender.name)
    week = min(timezone.localdate().isocalendar().week, WEEKS)
    return {
        **frame.frame(theme, title=slots.restore(title), week=week, site_url=site_url),
        "language": language,
        "mail": said,
        "said": page.Phrases(
            heading=heading,
            personal=page.Personal("", ""),
            labels={},
            sender=sender,
            address=tuple(map(slots.typed_line, theme.sender.address)),
            why=said.why,
            preheader=said.preheader,
        ),
        "words": load_words(language, theme.folders),
        # Fixed words and the rest are in one language, so nothing need say its own.
        "spoken": "",
        "speaking": "",
        "writing": "",
        "doors": said.doors,
        "social": (),
        "untracked": "",
    }


def _as_text(said: _Said, context: Mapping[str, Any]) -> dict[str, Any]:
    """The same for plain text: paragraphs broken into lines, and nothing escaped."""
    heading: page.Phrases = context["said"]
    mail = {
        "text": [_wrapped(paragraph) for paragraph in said.text],
        "after": [_wrapped(paragraph) for paragraph in said.after],
        "buttons": said.buttons,
        "why": _wrapped(said.why),
        "doors": said.doors,
    }
    letterhead = right_aligned([(context["words"].letter_from, ""), (heading.sender, "")])
    return {
        "mail": mail,
        "title": underlined(said.title),
        "letterhead": letterhead,
        "sender": _wrapped(", ".join([heading.sender, *heading.address])),
    }


def _wrapped(paragraph: str) -> str:
    return "\n".join(wrap(paragraph, WIDTH))


def _folders(theme: Theme) -> tuple[Path, ...]:
    """Where templates are looked for: an organisation's own mails, its letters' parts, our mails, our letters' parts."""
    own = tuple(place for folder in theme.folders[:-1] for place in (folder / _OWN, folder))
    return (*own, FOLDER, *theme.folders[-1:])


@lru_cache(maxsize=64)
def _words(kind: type[toml_tables.T], name: str, language: str, folders: tuple[Path, ...]) -> toml_tables.T:
    places = [*(folder / _OWN for folder in folders[:-1]), FOLDER]
    files = [file for place in places if (file := place / name / f"{language}.toml").exists()]
    table: dict[str, Any] = {}
    for file in reversed(files):
        table = toml_tables.merged(table, toml_tables.read(file))
    return toml_tables.build(kind, table, f"{files[0] if files else FOLDER / name}: ", {})
