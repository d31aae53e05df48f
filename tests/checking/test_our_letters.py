"""Our own themes, with everything that a section can hold, give an editor nothing to mend."""

from datetime import date

import pytest

from mailer.checking.clients import features
from mailer.checking.contrast import PAIRS, inverted_colour
from mailer.checking.drawing import draw_all
from mailer.checking.letters import part_sizes
from mailer.checking.material import Context, Material
from mailer.checking.preflight import examine
from mailer.parsing.markdown import parse_markdown
from mailer.rendering.contrast_ratio import contrast_ratio
from mailer.rendering.letter import Options
from tests.checking.material import ARCTIC, INTERESTS, PICTURE, PLAIN, letter, material

EVERYTHING = f"""---
title: Uke 45
preheader: Det viktigste denne gangen.
week: 2021-W45
---

Hei alle sammen.

## Alt det en sak kan ha

| Dag | Hva |
|---|---|
| mandag 15. november | Møte |

![Havnen i Kirkenes]({PICTURE} "Havnen")

> Dette ser vi frem til.
>
> — Kari

[Meld deg på kurset](https://example.org/kurs)

[Program for dagen](https://example.org/program)

1. en
   - to

```event
title: Webinar
start: 2021-11-17 12:00
end: 2021-11-17 13:00
place: Teams
link: https://example.org/webinar
```

```person
name: Kari Nordmann
role: rådgiver
address: kari@example.org
```

```note
Rettelse
Vi skrev feil dato sist, og **beklager**.
```

#### Underoverskrift

`kode`

## For studenter
interests: students

Hei, studenter.

---

Alle oss.
"""
OPTIONS = Options(
    preferences=True,
    site_url="https://brev.example.org",
    calendar_url=lambda *_: "https://brev.example.org/k",
)


@pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=lambda theme: theme.name)
@pytest.mark.parametrize("language", ["nb", "en"])
def test_nothing_is_found_in_a_letter_with_everything(theme, language):
    context = Context(language=language, sends=date(2021, 11, 12), options=OPTIONS)
    assert examine(parse_markdown(EVERYTHING), theme=theme, interests=INTERESTS, context=context) == []


def test_the_letter_of_a_reader_who_gets_everything_comes_first():
    letters = draw_all(Material(parse_markdown(EVERYTHING), PLAIN, INTERESTS, Context(options=OPTIONS)))
    assert [one.reader.interests for one in letters] == [(), ("students",), ("entrepreneurs",)]


def test_the_sizes_of_parts_are_what_the_letter_is_smaller_by_without_them():
    whole = Material(parse_markdown(EVERYTHING), PLAIN, INTERESTS, Context(options=OPTIONS))
    first = draw_all(whole)[0]
    sizes = dict(part_sizes(whole, first))
    assert sizes["Alt det en sak kan ha"] > sizes["For studenter"] > 0


def test_contrast_is_that_of_wcag():
    assert contrast_ratio("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast_ratio("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)
    assert contrast_ratio("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert inverted_colour("#FFFFFF") == "#000000"
    assert inverted_colour(inverted_colour("#0A5A78")) == "#0A5A78"
    assert {name for pair in PAIRS for name in pair} <= set(PLAIN.light.__slots__)


def test_html_and_css_are_told_by_the_names_of_can_i_email():
    first = letter(
        '<p style="display:flex;left:0;width:calc(1vw + 1rem)">x</p><form></form><img srcset="a" alt="">',
        "<style>@media (hover){a>b:hover{color:var(--x)}} @font-face{src:x} td::before{content:x}</style>"
        "<!--[if mso]><style>p{display:grid}</style><![endif]-->",
    ).letters[0]
    assert features(first) >= {
        "css-display-flex", "css-left-right-top-bottom", "css-unit-calc", "css-unit-vw", "css-unit-rem", "html-form", "html-srcset",
        "css-at-media", "css-at-media-hover", "css-selector-child", "css-pseudo-class-hover", "css-variables", "css-at-font-face",
        "css-pseudo-element-before",
    }  # fmt: skip
    assert "css-display-grid" not in features(first)


def test_a_template_s_own_image_needs_words_too():
    from tests.checking.material import codes

    assert "image-alt-missing" in codes(letter('<img src="https://example.org/logo.png">'))
    assert "image-alt-missing" not in codes(letter('<img src="https://example.org/logo.png" alt="">'))
    assert "image-alt-missing" not in codes(material())
