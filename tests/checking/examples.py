"""For each code a pair: an issue in which it is found, and one, as like it as can be, in which it is not."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from mailer.checking.reaching import Answer
from mailer.parsing.cards import Event, SuggestedEvent, write_card
from mailer.parsing.issue import Section, Unsure
from mailer.rendering.letter import Reader
from mailer.rendering.theme import load_theme
from tests.checking.material import FRIDAY, PICTURE, PLAIN, Material, card, issue, letter, material, of, section

_PAGE = "https://example.org/program"
_LONG_TEXT = (
    "Vi var med på samlingen i Tromsø, der alle i landet som arbeider med kompetanse, møttes for å lære av hverandre."
)
_STUDENTS = section("For studenter.", "students")
_FOR_ALL = section("For alle.")


def _answered(answer: Answer) -> Material:
    return material(f"Se [programmet]({_PAGE}).", context={"reached": {_PAGE: answer}})


def _with_theme(**colours: str) -> Material:
    return replace(material(), theme=replace(PLAIN, light=replace(PLAIN.light, **colours)))


def _broken() -> Material:
    # A folder of an organisation's own in which a theme has no templates.
    return replace(material(), theme=replace(PLAIN, name="missing", folders=(Path("/nonexistent"),)))


def _doubt(code: str, what: str = "") -> Material:
    return of(issue(unsure=(Unsure(1, code, what),)))


def _sent_before(text: str, earlier: str) -> Material:
    return material(text, context={"earlier": [issue(earlier, title="Uke 44")]})


def _weighing(size: int) -> Material:
    return material(f"![Havnen i Kirkenes]({PICTURE})", context={"image_bytes": {PICTURE: size}})


def _long(characters: int) -> Material:
    return of(issue(sections=(section("Vi var på tur. " * (characters // 15), heading="Turen"),)))


def _event(*lines: str) -> Material:
    return of(card("event", "\n".join(["title: Fest", "start: 2021-11-20", *lines])))


def _translated(one: Section, other: Section, *more: Section) -> Material:
    text = issue(title="Week 45", sections=(other, *more))
    return of(issue(sections=(one,)), translations=[replace(text, language="en")])


def _fest(start: str) -> Section:
    return Section("Fest", (write_card(Event("Fest", datetime.fromisoformat(start))),))


def _person(line: str) -> Material:
    return of(card("person", f"navn: Kari Nordmann\n{line}"))


def _at(start: str) -> Material:
    return of(card("event", f"title: Fest\nstart: {start}"))


def _nested(levels: int) -> str:
    return "\n".join("  " * level + f"- {level}" for level in range(levels))


_EVENT = _event()
_FINE = material()
EXAMPLES: dict[str, tuple[Material, Material]] = {
    "subject-missing": (material(title=" "), _FINE),
    "subject-long": (material(title="Uke 45 " * 9), material(title="x" * 60)),
    "preheader-missing": (material(preheader=""), _FINE),
    "preheader-long": (material(preheader="x" * 101), material(preheader="x" * 100)),
    "link-lost": (
        material("Festen er i Kirkenes. Les mer her."),
        material(f"Festen er i Kirkenes. Se [programmet]({_PAGE})."),
    ),
    "link-vague": (
        material(f"[Les mer her]({_PAGE})."),
        material(f"[Program for festen]({_PAGE}), [les mer om festen]({_PAGE})."),
    ),
    "link-wordless": (material(f"Se []({_PAGE})"), material(f"Se [programmet]({_PAGE})")),
    "link-ambiguous": (
        material(f"[Programmet]({_PAGE}) og [programmet](https://example.org/annet)."),
        material(f"[Programmet]({_PAGE}) og [programmet]({_PAGE})."),
    ),
    "link-repeated": (
        material(f"[Ett]({_PAGE}), [to]({_PAGE}), [tre]({_PAGE})."),
        material(f"[Ett]({_PAGE}), [to]({_PAGE})."),
    ),
    "link-unsafe": (
        material("[Programmet](javascript:alert(1))"),
        material("[Skriv til oss](mailto:post@example.org)"),
    ),
    "link-incomplete": (material("[Programmet](www.example.org)"), material("[Programmet](https://www.example.org)")),
    "link-http": (material("[Programmet](http://example.org)"), material("[Programmet](https://example.org)")),
    "link-credentials": (
        material("[Programmet](https://kari:hemmelig@example.org)"),
        material("[Programmet](https://example.org/@kari)"),
    ),
    "link-lookalike": (material("[Banken](https://xn--pypal-4ve.com)"), material("[Blåbær](https://xn--blbr-roah.no)")),
    "link-disguised": (
        material("[www.dnb.no](https://example.org)"),
        material(
            "[www.example.org/program](https://example.org)",
            "[Node.js](https://nodejs.org), [post@example.org](mailto:post@example.org)",
        ),
    ),
    "link-dead": (_answered(Answer("link-dead", "404")), _answered(Answer())),
    "link-unreachable": (_answered(Answer("link-unreachable", "time-out")), _answered(Answer())),
    "link-private": (material("[Intern](http://192.168.1.4/x)"), _answered(Answer())),
    "image-alt-missing": (
        material("![](https://example.org/a.jpg)"),
        material("![Havnen i Kirkenes](https://example.org/a.jpg)", f"![]({PICTURE})"),
    ),
    "image-alt-says-nothing": (material(f"![IMG_1234.jpg]({PICTURE})"), material(f"![Bilde av havnen]({PICTURE})")),
    "image-not-served": (material("![Havnen](havnen.jpg)"), material(f"![Havnen]({PICTURE})")),
    "image-unsafe": (material("![Havnen](javascript:alert)"), material(f"![Havnen]({PICTURE})")),
    "image-foreign": (
        material("![Havnen](https://example.org/havn.jpg)"),
        material(f"![Havnen]({PICTURE})", f"![Havnen](https://brev.example.org{PICTURE})", "![Havnen](havnen.jpg)"),
    ),
    "image-not-stored": (
        material(f"![Havnen]({PICTURE})", context={"image_bytes": {}}),
        material(f"![Havnen]({PICTURE})", context={"image_bytes": {PICTURE: 100_000}}),
    ),
    "image-format": (material("![Havnen](https://example.org/a.webp?v=2)"), material(f"![Havnen]({PICTURE})")),
    "image-wide": (material("![Havnen](/i/0123456789ab-4000x3000.jpg)"), material(f"![Havnen]({PICTURE})")),
    "image-small": (material("![Havnen](/i/0123456789ab-200x100.jpg)"), material(f"![Havnen]({PICTURE})")),
    "image-heavy": (_weighing(250_000), _weighing(150_000)),
    "images-heavy": (_weighing(1_200_000), _weighing(150_000)),
    "capitals": (
        material("VIKTIG MELDING til alle."),
        material("DOGA, SINTEF, NHO og BARENTS AS var på ICE Release Party med UNG-prosjektet. Kjør `DROP TABLE`."),
    ),
    "exclamations": (material("Velkommen!!!"), material("Velkommen! Kommer du?!")),
    "placeholder": (
        material("Hei \\[navn\\], lorem ipsum."),
        material("Todo-listen fra 2021 \\[sic\\] er kort, se `TODO` og `{{id}}`."),
    ),
    "date-impossible": (material("Kom 31. november."), material("Kom 29. februar.")),
    "weekday-wrong": (material("Kom tirsdag 17. november."), material("Kom onsdag 17. november.")),
    "date-past": (
        material("Påmelding innen 3. november."),
        material("Vi holdt kurs 3. november. Vi kom hjem 4. november. Påmelding innen 17. november."),
    ),
    "date-passing": (
        material("Påmelding innen 13. november.", context={"sends": FRIDAY, "last_reader": FRIDAY + timedelta(days=2)}),
        material("Påmelding innen 13. november.", context={"sends": FRIDAY}),
    ),
    "date-relative": (
        material("Om to uker braker det løs."),
        material(
            "Denne uken skrev vi en avtale. For noen uker siden var vi der. I morgen, lørdag 13. november, er det fest."
        ),
    ),
    "event-past": (
        of(card("event", "title: Fest\nstart: 2021-11-01 12:00")),
        of(card("event", "title: Fest\nstart: 2021-11-01\nend: 2021-11-20")),
    ),
    "event-hour-missing": (_at("2027-03-28 02:30"), _at("2027-03-28 03:00")),
    "event-hour-twice": (_at("2027-10-31 02:30"), _at("2027-10-31 03:00")),
    "card-line-unclear": (_event("bare ord"), _EVENT),
    "card-unclosed": (_event("", "---", "", "Hilsen oss"), _event("sted: Kirkenes")),
    "card-key-unknown": (_event("pris: 100 kr"), _EVENT),
    "card-key-missing": (of(card("event", "title: Fest")), _EVENT),
    "card-key-twice": (_event("tittel: Fest"), _event("sted: Kirkenes")),
    "card-date-unclear": (_event("slutt: i morgen"), _event("slutt: 21. november 2021")),
    "card-weekday-wrong": (_event("slutt: mandag 21.11.2021"), _event("slutt: søndag 21.11.2021")),
    "card-end-early": (_event("end: 2021-11-19"), _EVENT),
    "card-end-unlike": (_event("end: 2021-11-20 12:00"), _EVENT),
    "card-shown": (material("\\`\\`\\`hendelse\\\ntittel: Fest"), material("\\`\\`\\`python")),
    "card-phone-unclear": (_person("telefon: ring meg"), _person("telefon: +47 900 00 000 (Kari)")),
    "card-address-unclear": (_person("e-post: kari(at)example.org"), _person("e-post: kari@example.org")),
    "interest-unknown": (of(issue(sections=(section("Hei.", "sailors"),))), of(issue(sections=(_FOR_ALL, _STUDENTS)))),
    "section-unseen": (
        of(issue(sections=(_FOR_ALL, _STUDENTS)), segments={Reader(("businesses",)): 3}),
        of(issue(sections=(_FOR_ALL, _STUDENTS)), segments={Reader(("students",)): 3}),
    ),
    "issue-empty": (of(issue(sections=())), _FINE),
    "reader-empty": (
        of(issue(sections=(_STUDENTS,)), segments={Reader(("businesses",)): 3}),
        of(issue(sections=(_STUDENTS,)), segments={Reader(("students",)): 3}),
    ),
    "reader-empty-perhaps": (of(issue(sections=(_STUDENTS,))), of(issue(sections=(_STUDENTS, _FOR_ALL)))),
    "section-sent-before": (
        _sent_before(f"{_LONG_TEXT} Det var fint.", _LONG_TEXT),
        _sent_before(
            "Vi var i Kirkenes og så på havnen, som skal bygges ut med en kai til for de store skipene nordfra.",
            _LONG_TEXT,
        ),
    ),
    "link-sent-before": (
        _sent_before(f"[Programmet]({_PAGE})", f"[Alt om festen]({_PAGE})"),
        _sent_before("[Hjemmesiden](https://example.org/)", "[Hjemmesiden](https://example.org/)"),
    ),
    "translation-sections": (_translated(_FOR_ALL, _FOR_ALL, _STUDENTS), _translated(_FOR_ALL, _FOR_ALL)),
    "translation-lacks": (
        _translated(section(f"[Program]({_PAGE})"), section("Programme.")),
        _translated(section(f"[Program]({_PAGE})"), section(f"[Programme]({_PAGE}/en)")),
    ),
    "translation-interests": (_translated(_FOR_ALL, _STUDENTS), _translated(_STUDENTS, _STUDENTS)),
    "translation-times": (
        _translated(_fest("2021-11-17 12:00"), _fest("2021-11-17 13:00")),
        _translated(_fest("2021-11-17 12:00"), _fest("2021-11-17 12:00")),
    ),
    "suggestions-open": (of(issue(sections=(section("Hei.", cut_suggested=True),))), _FINE),
    "headings-hidden": (of(issue(sections=(section("Hei.", heading_suggested=True),))), _FINE),
    "events-hidden": (
        of(issue(sections=(section("Hei.", events_suggested=(SuggestedEvent("Fest", date(2021, 11, 20)),)),))),
        _FINE,
    ),
    "interests-narrow": (
        of(issue(sections=(section("Hei.", "students", interests_suggested=True), _FOR_ALL))),
        of(issue(sections=(_STUDENTS, section("Hei.", interests_suggested=True)))),
    ),
    "preheader-suggested": (_doubt("preheader-suggested"), _FINE),
    "title-suggested": (_doubt("title-suggested"), _FINE),
    "front-matter-unused": (
        _doubt("unknown-key", "The front matter has an unknown key “tittel”."),
        _doubt("intro-guessed"),
    ),
    "html-removed": (
        material(context={"source": "<p onclick='x()'>Vi</p><script>x()</script>"}),
        material(context={"source": "<p>Vi</p>"}),
    ),
    "images-left-out": (
        material(context={"source": '<p>Vi</p><img alt="Havnen" src="file:///C:/havn.jpg">'}),
        material(context={"source": '<p>Vi</p><img src="https://example.org/havn.jpg">'}),
    ),
    "html-shown": (
        material("Vi var &lt;b>på tur&lt;/b>."),
        material("Prisen er < 100 kr, skriv til <kari@example.org>.", "`<b>`"),
    ),
    "nested-deep": (material(_nested(19)), material(_nested(10))),
    "field-unknown": (
        material("Hei [[byen]] og [[Navn]].", context={"fields": frozenset({"town"})}),
        material("Hei [[town|du]] og `[[x]]`. Se [[1]](https://a.no).", context={"fields": frozenset({"town"})}),
    ),
    "field-misplaced": (
        of(issue("Hei.", title="Nytt for [[navn|deg]]")),
        of(issue("Hei [[navn|du]].", title="Nytt [for] deg")),
    ),
    "field-empty": (material("Hei [[navn]]!"), material("Hei [[navn|du]]!")),
    "section-empty": (of(issue(sections=(Section("Turen", ()), _FOR_ALL))), _FINE),
    "theme-refused": (material(context={"theme_problem": "Line 3 is no MJML."}), _FINE),
    "theme-old": (material(context={"theme_problem": "Line 3 is no MJML.", "theme_worked": True}), _FINE),
    "sender-placeholder": (replace(material(), theme=load_theme("plain")), _FINE),
    "letter-broken": (_broken(), _FINE),
    "letter-clipped": (_long(110_000), _long(1_000)),
    "letter-large": (_long(60_000), _long(1_000)),
    "style-block-large": (
        letter(head=f"<style>{'a{color:red}' * 800}</style>"),
        letter(head="<style>a{color:red}</style>"),
    ),
    "styles-large": (
        letter(head=f"<style>{'a{color:red}' * 600}</style>" * 3),
        letter(
            head=f"<style>{'a{color:red}' * 600}</style><!--[if mso]><style>{'a{color:red}' * 6000}</style><![endif]-->"
        ),
    ),
    "heading-first": (letter("<h1>Enda en</h1>"), letter("<h2>Turen</h2>")),
    "heading-skipped": (letter("<h3>Turen</h3>"), letter("<h2>Turen</h2><h3>Veien</h3><h2>Havnen</h2>")),
    "heading-empty": (letter("<h2> </h2>"), letter("<h2>Turen</h2>")),
    "unsubscribe-missing": (letter(text="Hei."), letter()),
    "client-support": (
        letter('<p style="display:grid">Hei</p>'),
        letter('<p style="border-radius:4px;margin:0">Hei</p>'),
    ),
    "contrast-low": (_with_theme(ink="#999999"), _FINE),
    # Pure blue reads well on white; its lightness is in the middle, so that it stays the same on black.
    "contrast-inverted": (_with_theme(link="#0000FF"), _FINE),
}
