import re
from dataclasses import replace
from itertools import pairwise

import pytest
from lxml import etree

from mailer.parsing.issue import ParsedIssue
from mailer.rendering.letter import Options
from mailer.rendering.pictures import MEASURE_PX
from mailer.rendering.slots import fill
from mailer.rendering.theme import SocialLink, Theme
from tests.rendering.letters import (
    ARCTIC,
    ISSUE,
    PLAIN,
    VALUES,
    blocks,
    one_section,
    page,
    plain,
    render,
    section,
    shown,
    texts,
)

THEMES = pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=["arctic", "plain"])
EVERYTHING = replace(
    ISSUE,
    sections=(
        *ISSUE.sections,
        section("> -Ja, sa hun.", heading="Sitat"),
        section("|a|b|\n|-|-|\n|c|1|", heading="Tabell"),
        section('![Alt](https://example.org/a.jpg "Tekst")', heading="Bilde"),
        section("[Meld deg på](https://example.org)", heading="Knapp"),
        section("- a\n- b\n\n1. c\n\n`d`\n\n---\n\n# e", heading="Resten"),
    ),
)


@THEMES
def test_headings_are_in_order_and_the_title_is_the_only_first(theme: Theme):
    levels = [int(heading.tag[1]) for heading in page(render(EVERYTHING, theme=theme)).iter("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@THEMES
def test_language_direction_and_schemes_are_set(theme: Theme):
    letter = page(render(theme=theme))
    assert (letter.get("lang"), letter.get("dir")) == ("nb", "ltr")
    assert letter.xpath("//meta[@name='color-scheme']/@content") == ["light dark"]
    arabic = page(render(replace(ISSUE, language="ar"), theme=theme))
    assert (arabic.get("lang"), arabic.get("dir")) == ("ar", "rtl")
    assert set(arabic.xpath("//p[@lang]/@lang | //div[@lang and not(@role)]/@lang")) == {"nb"}


@THEMES
def test_dark_mode_and_phones_keep_their_rules(theme: Theme):
    html = render(EVERYTHING, theme=theme).html
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    dark = next(style for style in styles if "prefers-color-scheme" in style)
    for role in ("ink", "muted", "link", "label", "on_head", "on_button"):
        assert dark.count(f"{{ color:{getattr(theme.dark, role)} !important; }}") >= 2, role
    for role in ("page", "paper", "panel", "head", "button", "line"):
        assert dark.count(f"background-color:{getattr(theme.dark, role)} !important") >= 2, role
    assert "[data-ogsc] .ink" in dark
    assert "[data-ogsb] .paper" in dark
    assert any("max-width:480px" in style and ".gutter" in style for style in styles)
    # Gmail drops a block over 8 kB, and all over 16 kB.
    assert max(map(len, styles)) < 8000
    assert all(style.count("{") == style.count("}") for style in styles)


@THEMES
def test_outlook_has_a_table_around_each_section(theme: Theme):
    html = render(EVERYTHING, theme=theme).html
    sections = page(render(EVERYTHING, theme=theme)).xpath("//div[contains(@style, 'max-width:600px')]")
    assert html.count('<!--[if mso | IE]><table border="0"') == 2 * len(sections)
    assert html.count('width="600"') == len(sections)
    assert html.count("<!--[if") == html.count("<![endif]-->")


@THEMES
def test_nothing_is_fetched_from_elsewhere(theme: Theme):
    letter = page(render(replace(ISSUE, sections=ISSUE.sections), theme=theme))
    assert letter.xpath("//@src | //@background | //link | //script | //iframe") == []
    assert "url(" not in etree.tostring(letter, encoding="unicode")


@THEMES
def test_no_picture_is_wider_than_the_text(theme: Theme):
    widths = page(render(EVERYTHING, theme=theme)).xpath("//img/@width")
    assert widths == [str(MEASURE_PX)]
    assert not re.findall(r"width:(?:5[3-9]\d|6[1-9]\d|[7-9]\d\d)px", render(EVERYTHING, theme=theme).html)


@THEMES
def test_a_letter_stays_far_below_what_gmail_clips(theme: Theme):
    long = replace(ISSUE, sections=tuple(section("ord " * 250, heading=f"Sak {i}") for i in range(12)))
    assert len(fill(render(long, theme=theme).html, VALUES, escape=True).encode()) < 80_000


def test_the_header_tells_sender_title_dates_and_light():
    letter = page(render())
    assert texts(letter.xpath("//p[@class='word-mark'] | //h1 | //p[@class='dates']")) == [
        "Ukebrev fraSør-Varanger Utvikling",
        "Uke 45",
        "8.–14. november 2021Ca. 5 timer dagslys i Kirkenes",
    ]


@pytest.mark.parametrize(
    ("issue", "dates"),
    [
        (replace(ISSUE, year=None), []),
        (replace(ISSUE, title="Høstnytt"), ["Uke 45, 8.–14. november 2021"]),
        (replace(ISSUE, title="Høstnytt", year=None), ["Uke 45"]),
        (replace(ISSUE, title="Week 45"), ["8.–14. november 2021"]),
        (replace(ISSUE, week=None), []),
        (replace(ISSUE, week=53), ["Uke 53"]),
    ],
)
def test_the_header_tells_the_dates_that_are_known(issue: ParsedIssue, dates: list[str]):
    assert texts(page(render(issue, theme=PLAIN)).xpath("//p[@class='dates']")) == dates


@pytest.mark.parametrize(("week", "sun"), [(45, "half-sun"), (25, "whole-sun"), (51, "glow")])
def test_the_sun_stands_where_the_year_is(week: int, sun: str):
    html = render(replace(ISSUE, week=week)).html
    assert [name for name in ("half-sun", "whole-sun", "glow") if f'{name}"' in html] == [sun]


def test_without_a_week_there_is_no_horizon_and_no_sun():
    html = render(replace(ISSUE, week=None)).html
    assert 'class="year"' not in html
    assert 'class="sun' not in html


@pytest.mark.parametrize(
    ("interests", "line"),
    [
        ((), "Du får alt, fordi du ikke har valgt tema."),
        (("students",), "Du får dette fordi du følger: studenter"),
        (("entrepreneurs", "students"), "Du får dette fordi du følger: studenter og gründere"),
        (("sports",), "Alt i dette brevet er for alle."),
    ],
)
def test_the_reader_is_told_why(interests: tuple[str, ...], line: str):
    letter = render(ISSUE, *interests)
    assert texts(page(letter).xpath("//p[@class='personal']")) == [line]
    assert line in plain(letter)


def test_contents_lead_to_headings_that_are_there():
    letter = page(render(ISSUE, "students", "entrepreneurs"))
    rows = letter.xpath("//table[@class='contents']//tr")
    assert texts(rows) == ["PilotenFor studenter", "FremtidFor studenter", "FestFor gründere"]
    targets = [link.get("href").removeprefix("#") for link in letter.xpath("//a[@class='row']")]
    assert texts([letter.get_element_by_id(target) for target in targets]) == ["Piloten", "Fremtid", "Fest"]


def test_labels_stand_above_what_they_explain():
    letter = page(render(ISSUE, "students"))
    assert texts(letter.xpath("//p[@class='label']")) == ["For studenter", "For studenter"]
    assert texts(
        [label.xpath("following::*[self::p or self::h2][1]")[0] for label in letter.xpath("//p[@class='label']")]
    ) == ["Studentbyen.", "Fremtid"]
    assert page(render()).xpath("//p[@class='label']") == []


def test_english_words_go_round_a_norwegian_text_and_say_so():
    letter = render(ISSUE, "students", language="en")
    assert letter.language == "nb"
    assert "You get this because you follow: students" in shown(letter)
    assert page(letter).xpath("//p[@class='personal']/@lang") == ["en"]
    assert page(letter).get("lang") == "nb"


def test_the_last_lines_are_the_signature():
    assert texts(page(render()).xpath("//div[contains(@style, 'italic')]")) == ["Alle oss."]
    assert texts(page(render(replace(ISSUE, closing=blocks("Ha det!")))).xpath("//div[@class='paper closing']")) == [
        "Ha det!"
    ]


def test_the_footer_tells_who_why_and_how_to_leave():
    letter = page(render())
    assert [(link.text, link.get("href")) for link in letter.xpath("//a[@class='door']")] == [
        ("Meld deg av", VALUES["UNSUBSCRIBE_URL"]),
        ("Vis i nettleser", VALUES["WEB_URL"]),
    ]
    assert "Du får dette brevet fordi du står på listen til Sør-Varanger Utvikling. Vi sporer ikke" in shown(render())
    assert "Gateadresse 1, 9900 Kirkenes" in shown(render())


def test_what_the_site_lacks_is_not_promised():
    with_pages = Options(preferences=True, tracking=True)
    assert "Endre hva du får" in shown(render(options=with_pages))
    assert "sporer" not in shown(render(options=with_pages)) + plain(render(options=with_pages))
    assert "Endre" not in shown(render())


def test_places_to_follow_are_named_in_text():
    theme = replace(ARCTIC, social=(SocialLink("Mastodon", "https://example.org/@oss"),))
    link = page(render(theme=theme)).xpath("//a[@class='social']")[0]
    assert (link.text, link.get("href")) == ("Mastodon", "https://example.org/@oss")


def test_the_preheader_is_hidden_and_falls_back_on_the_headings():
    assert render(replace(ISSUE, preheader="Ti plasser igjen")).preheader == "Ti plasser igjen"
    assert render(ISSUE, "students").preheader == "Piloten · Fremtid"
    hidden = page(render()).xpath("//div[@class='preheader']")[0]
    assert hidden.text_content().startswith("Piloten · Fremtid · Fest")
    assert "display:none" in hidden.get("style")


@THEMES
def test_an_empty_issue_is_a_letter_too(theme: Theme):
    assert "Meld deg av" in shown(render(ParsedIssue(""), theme=theme))


def test_a_section_of_200_kb_and_a_word_of_300_letters_are_rendered():
    assert shown(one_section("ord " * 50_000)).count("ord ") == 49_999
    assert "x" * 300 in shown(one_section("x" * 300))


@THEMES
def test_the_same_reader_gets_the_same_letter(theme: Theme):
    assert render(ISSUE, "students", theme=theme) == render(ISSUE, "students", theme=theme)
