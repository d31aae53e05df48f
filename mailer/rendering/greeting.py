"""The greeting above the intro: the value of the slot GREETING, different for each recipient."""

from __future__ import annotations

import re
from pathlib import Path

from mailer.rendering.slots import clean
from mailer.rendering.templates import TEMPLATES
from mailer.rendering.words import language_for, load_words, phrase

_LONGEST = 30  # characters: what is longer is no first name, and would break on a phone
_NO_NAME = re.compile(r"[\d@/<>{}\[\]|\\_]|^\W*$")


def greeting(name: str, language: str, folders: tuple[Path, ...] = (TEMPLATES,)) -> str:
    """What a recipient called `name` is greeted with: "Hei Kari,", or "Hei," where no name can be made out.

    `language` is the reader's, as in `Reader`; `folders` are the theme's. The value is plain text.
    """
    words = load_words(language_for(language), folders)
    first = first_name(name)
    return phrase(words.greeting, name=first) if first else words.greeting_nameless


def first_name(name: str) -> str:
    """The first name in "Kari Nordmann" or "Nordmann, Kari"; nothing for an address, a number or a whole sentence."""
    line = " ".join(clean(name).split())
    if _NO_NAME.search(line):
        return ""
    family, comma, given = line.partition(",")
    words = (given if comma and given.strip() else family).split()
    return words[0] if words and len(words[0]) <= _LONGEST else ""
