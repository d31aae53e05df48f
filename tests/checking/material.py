"""Issues and letters to check, each as small as what it shows."""

from dataclasses import replace
from datetime import date
from typing import Any

from mailer.checking.material import Context, Letter, Material
from mailer.checking.preflight import sightings
from mailer.parsing.issue import Block, ParsedIssue, Section
from mailer.parsing.markdown import parse_markdown
from mailer.rendering.letter import InterestName, Options, Reader
from mailer.rendering.theme import Sender, load_theme

OURSELVES = Sender("Kirkenes utvikling", ("Kirkegata 1", "9900 Kirkenes"))
ARCTIC, PLAIN = (replace(load_theme(name), sender=OURSELVES) for name in ("arctic", "plain"))
INTERESTS = (
    InterestName("students", {"nb": "studenter", "en": "students"}),
    InterestName("entrepreneurs", {"nb": "gründere", "en": "entrepreneurs"}),
    InterestName("businesses", {"nb": "næringslivet", "en": "businesses"}),
)
FRIDAY = date(2021, 11, 12)
# A picture that was taken in: its size stands in its name.
PICTURE = "/i/0123456789ab-1040x700.jpg"


def issue(
    *texts: str, title: str = "Uke 45", preheader: str = "Det viktigste denne gangen.", **more: Any
) -> ParsedIssue:
    """Week 45 of 2021 with one section for everyone that holds these texts, each as Markdown."""
    blocks = tuple(block for text in texts or ("Vi var på tur.",) for block in parse_markdown(text).intro)
    first = Section("Turen", blocks, line=3)
    return ParsedIssue(title, preheader, "nb", 2021, 45, **{"sections": (first,), **more})


def material(*texts: str, context: dict[str, Any] | None = None, **more: Any) -> Material:
    """The same with the plain theme; `context` are fields of a Context."""
    return of(issue(*texts, **more), **(context or {}))


def of(parsed: ParsedIssue, **context: Any) -> Material:
    """An issue as it is."""
    return Material(parsed, PLAIN, INTERESTS, Context(options=Options(site_url="https://brev.example.org"), **context))


def card(kind: str, lines: str) -> ParsedIssue:
    """An issue with one card."""
    block = Block(kind, f"```{kind}\n{lines}\n```", 5)  # type: ignore[arg-type]  # one of the kinds
    return issue(sections=(Section("Turen", (block,)),))


def section(text: str, *interests: str, heading: str = "Turen", **more: Any) -> Section:
    """A section of one paragraph."""
    return Section(heading, (Block("paragraph", text, 3),), None, interests, **more)


def letter(body: str = "", head: str = "", text: str = "@@UNSUBSCRIBE_URL@@") -> Material:
    """An issue whose only letter has this HTML, as an overridden template might give it."""
    html = f'<html><head>{head}</head><body><h1>Uke 45</h1>{body}<a href="@@UNSUBSCRIBE_URL@@">Meld deg av</a></body></html>'
    return replace(material(), letters=(Letter(Reader(), "Uke 45", "", html, text),))


def codes(checked: Material) -> set[str]:
    """The codes of what is found."""
    return {sighting.code for sighting in sightings(checked)}
