"""premailer over letters with every partial in them: what it must let alone comes through byte for byte."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mailer.parsing.issue import ParsedIssue
from mailer.rendering import inliner, mjml
from mailer.rendering.inliner import PremailerInliner
from mailer.rendering.letter import Options
from mailer.rendering.template_check import full_issue
from mailer.rendering.theme import SocialLink, Theme
from tests.rendering.letters import ARCTIC, PLAIN, render

OPTIONS = Options(
    preferences=True, calendar_url=lambda s, e: f"https://x.example/c/{s}-{e}.ics?a=1&b=2", site_url="https://x.example"
)
LETTERS = [
    pytest.param(theme, replace(full_issue(), week=week), id=f"{theme.name}-{week}")
    for theme in (ARCTIC, PLAIN)
    for week in (45, 25, 51)
]
every_letter = pytest.mark.parametrize(("theme", "issue"), LETTERS)


def before_and_after(theme: Theme, issue: ParsedIssue, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """MJML's own HTML and the inlined letter, with a VML button put in as Outlook's templates have them."""
    seen: list[str] = []
    vml = (
        '<!--[if mso]><v:roundrect xmlns:v="urn:schemas-microsoft-com:vml" href="https://x.example/?a=1&amp;b=2"'
        ' arcsize="8%" fillcolor="#0A5A78"><v:fill type="tile"/></v:roundrect><![endif]-->'
    )
    written = mjml.to_html
    monkeypatch.setattr(
        mjml,
        "to_html",
        lambda source, sections: seen.append(written(source, sections).replace("</td>", vml + "</td>", 1)) or seen[-1],  # type: ignore[func-returns-value]
    )
    lavish = replace(theme, greeting=True, social=(SocialLink("Mastodon", "https://x.example/?a=1&b=2"),))
    letter = render(issue, "a", theme=lavish, options=OPTIONS)
    yield seen[0]
    yield letter.html


@every_letter
def test_what_no_inliner_may_touch_is_untouched(theme: Theme, issue: ParsedIssue, monkeypatch: pytest.MonkeyPatch):
    before, after = before_and_after(theme, issue, monkeypatch)
    for untouched in (
        r"<!--.*?-->",
        r"<style[^>]*>.*?</style>",
        r"&#\w+;",
        r"@@[A-Z_]+@@",
        r'(?:href|src)="[^"]*"',
        r'(?:width|height|bgcolor|align|valign)="[^"]*"',
        r"</?v:[^>]*>",
    ):
        found = re.findall(untouched, re.sub(r"[ \t]+\n", "\n", before), re.DOTALL)
        assert found == re.findall(untouched, after, re.DOTALL), untouched
        assert found, untouched


@every_letter
def test_section_by_section_is_the_same_as_all_at_once(
    theme: Theme, issue: ParsedIssue, monkeypatch: pytest.MonkeyPatch
):
    in_sections = render(issue, "a", theme=theme, options=OPTIONS).html
    monkeypatch.setattr(inliner, "_cut", lambda *_: None)
    assert in_sections == render(issue, "a", theme=theme, options=OPTIONS).html


def test_a_letter_whose_sections_may_concern_each_other_is_inlined_as_one():
    html = "<!doctype html><html><head></head><body><div>" + "".join(
        f'<!--[if mso | IE]><table border="0"><![endif]--><div><p class="{name}">x</p></div>' for name in "ab"
    )
    html += "</div></body></html>"
    assert '<p class="b" style="color:red">' in PremailerInliner().inline(html, "div ~ div .b { color:red }")
    assert inliner._cut(html, "div ~ div .b { color:red }") is None
    assert inliner._cut(html, "p { color:red }") is not None


def test_wrapped_sections_are_not_cut_apart():
    start = '<!--[if mso | IE]><table border="0"><![endif]-->'
    inner = f"{start}<div>{start}<div><p>a</p></div>{start}<div><p>b</p></div></div>"
    cut = inliner._cut(f"<html><body><div>{inner}{start}<div>c</div></div></body></html>", "p { margin:0 }")
    assert cut is not None
    assert cut.sections == ("", inner, f"{start}<div>c</div>")


@every_letter
def test_inlining_without_the_words_is_the_same_as_with_them(
    theme: Theme, issue: ParsedIssue, monkeypatch: pytest.MonkeyPatch
):
    by_structure = [render(issue, *interests, theme=theme, options=OPTIONS).html for interests in ((), ("a",), ("b",))]
    monkeypatch.setattr(PremailerInliner, "_by_structure", PremailerInliner._whole)
    monkeypatch.setattr(inliner, "_PAGES", {})
    whole = [render(issue, *interests, theme=theme, options=OPTIONS).html for interests in ((), ("a",), ("b",))]
    assert by_structure == whole
