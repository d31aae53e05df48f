"""Whether a paragraph is what somebody said, and its words without the dash that opened it."""

from __future__ import annotations

import re

from mailer.parsing.markers import is_spoken

_DASH = re.compile(r"[-–—]\s*(?=\S)")
_IN_MARKS = re.compile(r"[«“”\"„][^«»“”\"„]{12,}[»”“\"]\s*[.,!?]?\s*(?P<rest>.{0,120})", re.DOTALL)
# `..., ” sighed Margaret`: a comma ends the words and their speaker follows, whatever the verb.
_SPEAKER_FOLLOWS = re.compile(
    r"[^»”\"]*,[»”\"]\s+[a-zæøå]+\s(?:[a-zæøå]+\s){0,3}[A-ZÆØÅ]|[^»”\"]*[»”\"],\s+[a-zæøå]+\s(?:[a-zæøå]+\s){0,3}[A-ZÆØÅ]"
)
_NAME = re.compile(r"[-–—]?\s*(?:[A-ZÆØÅ][\w.-]+\s){1,3}[A-ZÆØÅ]?[\w.-]*(?:,\s.{0,60})?[.]?")
# Chapter and verse: "Jesaja 60,1", "1. Kor 13:4-7".
_VERSE = re.compile(r"\(?(?:\d\.\s?)?[A-ZÆØÅ][\w.]*(?:\s[\w.]+){0,2}\s\d+[,:.]\s?\d+(?:[-–]\d+)?\)?[.]?")
_LONG_LINE = 40
_SENTENCE_END = (".", "!", "?", "…", "”", "»", '"')


def without_dash(text: str) -> str:
    """The words after a reply dash."""
    match = _DASH.match(text)
    return text[match.end() :] if match else text


def opens_with_dash(text: str) -> bool:
    """Whether a text opens with a dash and words."""
    match = _DASH.match(text)
    return match is not None and (text[match.end()].isalpha() or text[match.end()] in "«“\"'")


def is_dashed_quotation(sign: str, words: str, *, tight: bool) -> bool:
    """Whether a lone paragraph after a dash is speech and not an item of a list.

    `sign` is the dash, `tight` says that no space follows it. A hyphen with a space is the usual mark of an item, so it needs
    a speaker or a whole long sentence; a dash, or a hyphen right before a word, is the usual mark of speech.
    """
    if is_spoken(words):
        return True
    if not words.endswith(_SENTENCE_END):
        return False
    return sign in "–—" or tight or len(words) >= _LONG_LINE


def is_marked_quotation(text: str) -> bool:
    """Whether a whole paragraph stands in quotation marks, perhaps with its speaker after it."""
    match = _IN_MARKS.fullmatch(text)
    if match is None:
        return False
    rest = match["rest"].strip()
    if re.search(r"[.!?]\s", rest):
        return False
    if _SPEAKER_FOLLOWS.match(text, 1):
        return True
    return not rest or is_spoken("," + " " + rest) or (_NAME.fullmatch(rest) or _VERSE.fullmatch(rest)) is not None
