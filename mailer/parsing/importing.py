"""The door of this stage: a file or a text becomes a ParsedIssue."""

from __future__ import annotations

from pathlib import Path

from mailer.parsing.events import suggest_events
from mailer.parsing.front_matter import has_front_matter
from mailer.parsing.interests import InterestWords, standard_words
from mailer.parsing.issue import ParsedIssue, SourceError
from mailer.parsing.lines import plain_text
from mailer.parsing.markdown import has_marks, parse_markdown
from mailer.parsing.marked_up import read_markdown
from mailer.parsing.nesting import has_words
from mailer.parsing.plain import PlainText, read_plain
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
    text = plain_text(source.text)
    if is_written_for_us(source):
        return parse_markdown(text, source.name, language=language)
    read = _read(text, source.kind)
    if not read.elements:
        if source.kind == "html" and has_words(text):
            raise SourceError(
                f"{source.name} can't be read: no text is left of its HTML, which is nested too deeply or hides it all. "
                "Copy the text itself, and import that."
            )
        raise SourceError(f"{source.name} is empty: there is no text in it to import.")
    issue = build_issue(read.elements, read.dropped, words or standard_words(), subject=read.subject, language=language)
    return suggest_events(issue)


def is_written_for_us(source: Source) -> bool:
    """Whether a source is in our own form, in which nothing is guessed."""
    if source.kind == "html":
        return False
    text = plain_text(source.text)
    return has_front_matter(text) or (source.kind == "markdown" and has_marks(text))


def _read(text: str, kind: Kind) -> PlainText:
    if kind == "html":
        from mailer.parsing.pasted import html_to_markdown  # noqa: PLC0415  # lxml and markdownify are slow to import

        markdown, dropped = html_to_markdown(text)
        return read_markdown(markdown, dropped)
    return read_markdown(text) if kind == "markdown" else read_plain(text)
