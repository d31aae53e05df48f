"""For each code a pair: an issue in which it is found, and one, as like it as can be, in which it is not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from mailer.checking.reaching import Answer
from mailer.parsing.issue import Section, Unsure
from mailer.rendering.letter import Reader
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
    "link-vague": (material(f"[Les mer her]({_PAGE})."), material(f"[Program for festen]({_PAGE}).")),
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
    "link-private": (_answered(Answer("link-private")), _answered(Answer())),
    "image-alt-missing": (
        material("![](https://example.org/a.jpg)"),
        material("![Havnen i Kirkenes](https://example.org/a.jpg)", f"![]({PICTURE})"),
    ),
    "image-alt-says-nothing": (material(f"![IMG_1234.jpg]({PICTURE})"), material(f"![Bilde av havnen]({PICTURE})")),
    "image-not-served": (material("![Havnen](havnen.jpg)"), material(f"![Havnen]({PICTURE})")),
    "image-format": (material("![Havnen](https://example.org/a.webp?v=2)"), material(f"![Havnen]({PICTURE})")),
    "image-wide": (material("![Havnen](/i/0123456789ab-4000x3000.jpg)"), material(f"![Havnen]({PICTURE})")),
    "image-heavy": (_weighing(250_000), _weighing(150_000)),
    "images-heavy": (_weighing(1_200_000), _weighing(150_000)),
    "capitals": (
        material("VIKTIG MELDING til alle."),
        material("DOGA og NHO var på ICE Release Party med UNG-prosjektet."),
    ),
    "exclamations": (material("Velkommen!!!"), material("Velkommen! Kommer du?")),
    "placeholder": (material("Hei \\[navn\\], lorem ipsum."), material("Todo-listen fra 2021 \\[sic\\] er kort.")),
    "date-impossible": (material("Kom 31. november."), material("Kom 29. februar.")),
    "weekday-wrong": (material("Kom tirsdag 17. november."), material("Kom onsdag 17. november.")),
    "date-past": (
        material("Påmelding innen 3. november."),
        material("Vi holdt kurs 3. november. Påmelding innen 17. november."),
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
    "card-unreadable": (of(card("event", "title: Fest")), of(card("event", "title: Fest\nstart: 2021-11-20"))),
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
    "suggestions-open": (of(issue(sections=(section("Hei.", cut_suggested=True),))), _FINE),
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
    "html-shown": (
        material("Vi var &lt;b>på tur&lt;/b>."),
        material("Prisen er < 100 kr, skriv til <kari@example.org>.", "`<b>`"),
    ),
    "section-empty": (of(issue(sections=(Section("Turen", ()), _FOR_ALL))), _FINE),
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
