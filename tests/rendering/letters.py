"""Letters to test with: a small issue with a section of every kind, and ways to look into what became of it."""

from collections.abc import Sequence
from typing import Any

from lxml import html as lxml_html

from mailer.parsing.issue import Block, ParsedIssue, Section
from mailer.rendering.letter import InterestName, Options, Reader, RenderedLetter
from mailer.rendering.render import render_letter
from mailer.rendering.slots import fill
from mailer.rendering.theme import Theme, load_theme

INTERESTS = (
    InterestName("students", {"nb": "studenter", "en": "students"}),
    InterestName("entrepreneurs", {"nb": "gründere", "en": "entrepreneurs"}),
    InterestName("businesses", {"nb": "bedrifter", "en": "businesses"}),
)
VALUES = {
    "PREFERENCES_URL": "https://brev.example.org/valg?a=1&b=2",
    "UNSUBSCRIBE_URL": "https://brev.example.org/av?a=1&b=2",
    "WEB_URL": "https://brev.example.org/45",
}
ARCTIC, PLAIN = load_theme("arctic"), load_theme("plain")


def blocks(*markdown: str) -> tuple[Block, ...]:
    return tuple(Block("paragraph", source) for source in markdown)


def section(body: str, *interests: str, heading: str = "", part: str | None = None) -> Section:
    return Section(heading, blocks(body), part, interests)


ISSUE = ParsedIssue(
    title="Uke 45",
    year=2021,
    week=45,
    intro=blocks("Ja, ka skjer?"),
    parts=("Piloten", "Fremtid"),
    sections=(
        section("Vitensenter."),
        section("Samling.", part="Piloten"),
        section("Studentbyen.", "students", part="Piloten"),
        section("Konferanse.", "businesses", heading="Pilotkonferanse", part="Fremtid"),
        section("Webinar 17. november.", "students", "businesses", heading="Sør-Varanger 2027", part="Fremtid"),
        section("Festen.", "entrepreneurs", heading="Fest"),
    ),
    closing=blocks("Det var noe!", "Alle oss."),
)


def render(
    issue: ParsedIssue = ISSUE,
    *interests: str,
    theme: Theme = ARCTIC,
    language: str = "nb",
    options: Options = Options(),  # noqa: B008  # immutable
) -> RenderedLetter:
    return render_letter(issue, Reader(interests, language), theme=theme, interests=INTERESTS, options=options)


def one_section(*markdown: str, theme: Theme = ARCTIC) -> RenderedLetter:
    return render(ParsedIssue("Uke 45", sections=(Section("", blocks(*markdown)),)), theme=theme)


def words(text: str) -> str:
    """Text with every run of white space as one blank."""
    return " ".join(text.split())


def page(letter: RenderedLetter) -> lxml_html.HtmlElement:
    """The letter's HTML as a browser sees it, slots filled."""
    return lxml_html.document_fromstring(fill(letter.html, VALUES, escape=True))


def shown(letter: RenderedLetter) -> str:
    return words(page(letter).find("body").text_content())


def plain(letter: RenderedLetter) -> str:
    return fill(letter.text, VALUES, escape=False)


def texts(elements: Sequence[lxml_html.HtmlElement] | Any) -> list[str]:
    return [words(element.text_content()) for element in elements]
