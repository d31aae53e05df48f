"""The issues that are shown: the first one ever sent, a notice, a monster with everything in it, an Arabic one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, combinations, cycle, islice
from pathlib import Path

from mailer.parsing.cards import Event, Person, write_card
from mailer.parsing.events import suggest_events
from mailer.parsing.importing import parse_file
from mailer.parsing.issue import Block, ParsedIssue, Section
from mailer.rendering.letter import InterestName, Options, Reader
from mailer.rendering.render import render_letter
from mailer.rendering.slots import fill
from mailer.rendering.template_check import full_issue
from mailer.rendering.theme import SocialLink, Theme
from mailer.rendering.variant import distinct_variants

SAMPLE = Path(__file__).resolve().parents[1] / "tests" / "data" / "uke-45.txt"
SITE = "https://brev.example.org"
INTERESTS = (
    InterestName("students", {"nb": "studenter", "en": "students"}),
    InterestName("entrepreneurs", {"nb": "gründere", "en": "entrepreneurs"}),
    InterestName("businesses", {"nb": "bedrifter", "en": "businesses"}),
)
_SLUGS = tuple(interest.slug for interest in INTERESTS)
_VALUES = {
    "GREETING": "Hei Kari,",
    "PREFERENCES_URL": f"{SITE}/valg",
    "UNSUBSCRIBE_URL": f"{SITE}/av",
    "WEB_URL": f"{SITE}/brev/45",
}
_LONG_WORD = "Stortingsvalgkretsfordelingsnemndsmedlemskapsordning" * 6
_WIDE = (
    "| Sted | " + " | ".join(f"Uke {week}" for week in range(1, 12)) + " |\n" + "|---" * 12 + "|\n"
    "| Kirkenes | " + " | ".join(str(week * 7) for week in range(1, 12)) + " |"
)
_HARD = (
    f"Et ord på over 300 bokstaver: {_LONG_WORD}",
    "\n".join("  " * depth + f"- Nivå {depth + 1}" for depth in range(10)),
    _WIDE,
    f"| Kort | Langt |\n|---|---|\n| a | {_LONG_WORD} |",
    "Emoji: 👩‍👩‍👧‍👦 🇳🇴 ❤️ 🧑🏽‍🚀 og tegn som ≠ → €.",
    "مرحبا بكم في كيركينيس، المدينة الواقعة على الحدود.",
    "ברוכים הבאים לקירקנס.",
)
_ARABIC = (
    "- أولا\n  - تحت أولا\n- ثانيا\n\n1. واحد",
    "> -هذا رائع، قالت هي.\n>\n> — لينا",
    "| المكان | السعر |\n|---|---|\n| كيركينيس | 4 200 kr |\n| نيكل | 12 500 kr |",
    "- 4 200 kr\n- اتصل بنا على +47 900 00 000 أو post@example.org.",
    "Sør-Varanger Utvikling, Kirkenes.",
    '![منظر](/i/0123456789ab-600x400.jpg "من كيركينيس")',
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One variant, slots filled: which issue, whose, and its HTML."""

    issue: str
    reader: str
    html: str


def letters(theme: Theme) -> list[Letter]:
    """Every variant of the issues."""
    return [
        Letter(name, _reader_in_words(reader), html(issue, reader, theme))
        for name, issue in _issues().items()
        for reader in dict.fromkeys(distinct_variants(issue, _readers()).values())
    ]


def _issues() -> dict[str, ParsedIssue]:
    return {"uke-45": sample(), "notice": notice(), "monster": monster(), "arabic": arabic()}


def sample() -> ParsedIssue:
    """The first issue ever sent, in its week and with all that the importer suggests accepted."""
    issue = suggest_events(replace(parse_file(SAMPLE), year=2021, week=45))
    return replace(issue, sections=tuple(map(_accepted, issue.sections)))


def _accepted(section: Section) -> Section:
    cards = tuple(write_card(suggested) for suggested in section.events_suggested)
    return replace(section, blocks=(*section.blocks, *cards), heading_suggested=False, events_suggested=())


def html(issue: ParsedIssue, reader: Reader, theme: Theme) -> str:
    """A letter as its reader gets it."""
    lavish = replace(theme, social=(SocialLink("Facebook", f"{SITE}/f"), SocialLink("LinkedIn", f"{SITE}/l")))
    options = Options(
        preferences=True,
        calendar_url=lambda story, number: f"{SITE}/c/{story}-{number}.ics",
        site_url=SITE,
        more_less=True,
    )
    letter = render_letter(issue, reader, theme=lavish, interests=INTERESTS, options=options)
    return fill(letter.html, _VALUES, escape=True)


def notice() -> ParsedIssue:
    """A letter with one section, for everyone, and nothing around it."""
    text = Block("paragraph", "Kontoret er stengt fredag 12. november. Vi er tilbake mandag.")
    return ParsedIssue("Stengt fredag", year=2021, week=45, sections=(Section("", (text,)),))


def arabic() -> ParsedIssue:
    """A letter that is written from right to left, with cards, lists, a table and a quotation."""
    event = write_card(Event("لقاء في المكتبة", datetime(2021, 11, 17, 12, 0), place="كيركينيس", link=SITE))  # noqa: DTZ001  # the card's own time
    person = write_card(Person("ليلى", "مستشارة", "leila@example.org", "+47 900 00 000"))
    return ParsedIssue(
        "الأسبوع 45",
        language="ar",
        year=2021,
        week=45,
        intro=_text("مرحبا بكم في رسالة هذا الأسبوع من كيركينيس."),
        parts=("أخبار",),
        sections=(
            Section("المكتبة", (*_text("المكتبة مفتوحة كل يوم حتى الساعة 18."), event, person)),
            Section("للطلاب", _text(*_ARABIC), "أخبار", ("students",)),
            Section("للشركات", _text("[اقرأ المزيد عن البرنامج](https://example.org)"), "أخبار", ("businesses",)),
        ),
        closing=_text("إلى اللقاء!", "فريق الرسالة"),
    )


def _text(*markdown: str) -> tuple[Block, ...]:
    return tuple(Block("paragraph", source) for source in markdown)


def monster() -> ParsedIssue:
    """Twelve sections with long words and everything that a section can hold, for every mixture of interests."""
    full = full_issue()
    hard = Section("Det som er vanskelig å få plass til", tuple(Block("paragraph", source) for source in _HARD))
    tags = cycle(combinations(_SLUGS, 2))
    stories = islice(chain(full.sections, cycle(full.sections[2:4])), 10)
    tagged = tuple(
        replace(
            story, interests=next(tags) if story.interests else (), heading=story.heading and f"{story.heading} {i}"
        )
        for i, story in enumerate(stories)
    )
    long_heading = Section(_LONG_WORD[:70], full.sections[0].blocks, "Arbeidsmarkedskompetanseutviklingsprogrammet")
    sections = (*tagged, hard, long_heading)
    return replace(full, title="Uke 25", week=25, sections=sections, parts=("Del", long_heading.part or ""))


def _readers() -> list[Reader]:
    sizes = range(len(_SLUGS) + 1)
    return [Reader(chosen) for chosen in chain.from_iterable(combinations(_SLUGS, size) for size in sizes)]


def _reader_in_words(reader: Reader) -> str:
    return " + ".join(reader.interests) or "everything"
