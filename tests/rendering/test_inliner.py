import re
from collections.abc import Callable

import pytest

from mailer.rendering import inliner
from mailer.rendering.inliner import InliningError, PremailerInliner

HTML = """<!doctype html><html><head><title>x</title>
<style type="text/css">@media (max-width:480px) { .a { color:red !important; } } [data-ogsc] .a { color:blue !important; }</style>
<!--[if mso]><style>.b { color:green !important; }</style><![endif]-->
</head><body><!--[if mso | IE]><table width="600" bgcolor="#FAFBFB"><tr><td><![endif]-->
<p class="a">Å &#847;&#8204; &lt; &amp; B</p><img src="https://example.org/a.jpg?a=1&amp;b=2" width="520" height="20">
<td width="82.24%" bgcolor="#111111"></td><a href="@@WEB_URL@@">x</a><a href="https://example.org/?a=1&amp;b=&#229;">y</a>
<!--[if !mso]><!--><div>z</div><!--<![endif]--><v:rect fill="true" stroke="f"></v:rect></body></html>"""


def inlined(css: str = "p { color:#111111;margin:0 }\n.missing { color:red }") -> str:
    return PremailerInliner().inline(HTML, css)


def test_styles_are_put_where_they_belong():
    assert '<p class="a" style="color:#111; margin:0">' in inlined()


@pytest.mark.parametrize(
    "untouched",
    [
        "@media (max-width:480px) { .a { color:red !important; } } [data-ogsc] .a { color:blue !important; }",
        "<!--[if mso]><style>.b { color:green !important; }</style><![endif]-->",
        '<!--[if mso | IE]><table width="600" bgcolor="#FAFBFB"><tr><td><![endif]-->',
        "<!--[if !mso]><!--><div>z</div><!--<![endif]-->",
        "Å &#847;&#8204; &lt; &amp; B",
        'src="https://example.org/a.jpg?a=1&amp;b=2" width="520" height="20"',
        'href="@@WEB_URL@@"',
        'href="https://example.org/?a=1&amp;b=&#229;"',
        'fill="true" stroke="f"',
    ],
)
def test_everything_else_survives_byte_for_byte(untouched: str):
    assert untouched in HTML
    assert untouched in inlined()


def test_the_doctype_is_first_and_no_style_is_marked():
    assert inlined().startswith("<!DOCTYPE html>")
    assert "data-premailer" not in inlined()


def test_one_style_sheet_serves_many_letters_alike():
    assert inlined() == inlined()
    assert "red" not in re.sub("<style.*?</style>", "", PremailerInliner().inline(HTML, "b { color:red }"))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda html: html.replace("<!--[if mso]>", "<!--[if mos]>"), "conditional comments changed"),
        (lambda html: html.replace("<img", "<hr><img"), "the number of elements changed"),
        (lambda html: html.replace("@@WEB_URL@@", "%40%40"), "slots changed"),
        (lambda html: html.replace("red !important", "red"), "!important got lost"),
        (lambda html: " " + html, "the doctype is not first"),
        (lambda html: html.replace("&#847;", "\u034f"), "numeric entities changed"),
    ],
)
def test_damage_is_noticed(monkeypatch: pytest.MonkeyPatch, damage: Callable[[str], str], message: str):
    transform = inliner._Premailer.transform
    monkeypatch.setattr(
        inliner._Premailer,
        "transform",
        lambda self, **options: damage(inliner._unprotected(transform(self, **options))),
    )
    with pytest.raises(InliningError, match=message):
        inlined()
