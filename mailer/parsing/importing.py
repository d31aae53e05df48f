"""The door of this stage: a file or a text becomes a ParsedIssue."""

from __future__ import annotations

from pathlib import Path

from mailer.parsing.interests import InterestWords, standard_words
from mailer.parsing.issue import ParsedIssue, SourceError
from mailer.parsing.plain import read_plain
from mailer.parsing.source import Kind, Source, read_source
from mailer.parsing.structure import build_issue


def parse_file(path: str | Path, *, words: InterestWords | None = None, language: str | None = None) -> ParsedIssue:
    """Read an issue from a text, Markdown, HTML or .docx file.

    `words` tell for whom a section is (the standard table when None); `language` is a code, told from the words when None.
    Raises SourceError, with a sentence for people, when the file can't be read as an issue.
    """
    return parse_source(read_source(path), words=words, language=language)


def parse_text(
    text: str, *, kind: Kind = "text", words: InterestWords | None = None, language: str | None = None
) -> ParsedIssue:
    """The same for a text at hand."""
    return parse_source(Source(text, kind), words=words, language=language)


def parse_source(source: Source, *, words: InterestWords | None = None, language: str | None = None) -> ParsedIssue:
    """The same for a source already read."""
    words = words or standard_words()
    plain = read_plain(source.text)
    if not plain.elements:
        raise SourceError(f"{source.name} is empty: there is no text in it to import.")
    return build_issue(plain.elements, plain.dropped, words, subject=plain.subject, language=language)
