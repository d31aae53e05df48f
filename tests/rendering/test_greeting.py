from dataclasses import replace

import pytest
from lxml import html as lxml_html

from mailer.rendering.compiled import compile_letter
from mailer.rendering.greeting import greeting
from mailer.rendering.slots import fill
from tests.rendering.letters import ARCTIC, ISSUE, PLAIN, VALUES, plain, render, texts

GREETED = replace(ARCTIC, greeting=True)


@pytest.mark.parametrize(
    ("name", "norwegian", "english"),
    [
        ("Kari Nordmann", "Hei Kari,", "Hi Kari,"),
        ("Nordmann, Kari Anne", "Hei Kari,", "Hi Kari,"),
        ("  Jan-Erik\n", "Hei Jan-Erik,", "Hi Jan-Erik,"),
        ("D'Arcy", "Hei D'Arcy,", "Hi D'Arcy,"),
        ("محمد", "Hei محمد,", "Hi محمد,"),
        ("", "Hei,", "Hello,"),
        (" \t ", "Hei,", "Hello,"),
        ("kari@example.org", "Hei,", "Hello,"),
        ("Kari2021", "Hei,", "Hello,"),
        ("<b>Kari</b>", "Hei,", "Hello,"),
        ("...", "Hei,", "Hello,"),
        ("$name ${x}", "Hei,", "Hello,"),
        ("x" * 31, "Hei,", "Hello,"),
    ],
)
def test_who_has_a_name_is_called_by_it(name: str, norwegian: str, english: str):
    assert (greeting(name, "nb"), greeting(name, "en")) == (norwegian, english)


@pytest.mark.parametrize("value", ["Hei Kari,", "Hei,"])
def test_it_stands_above_the_intro(value: str):
    letter = render(theme=GREETED)
    values = {**VALUES, "GREETING": value}
    message = compile_letter(letter).fill(values, b"Subject: x\r\n").decode("ascii")
    assert f"\r\n{value.replace(' ', '=20')}=\r\n\r\n\r\nJa, ka skjer?" in message
    shown = lxml_html.document_fromstring(fill(letter.html, values, escape=True))
    assert texts(shown.xpath(f"//p[.='{value}']/following::p[1]")) == ["Ja, ka skjer?"]


def test_it_stands_without_an_intro_too_and_is_off_until_asked_for():
    assert "@@GREETING@@\n" in render(replace(ISSUE, intro=()), theme=GREETED).text
    assert "GREETING" not in render().html + render(theme=PLAIN).text
    assert "\n@@GREETING@@\n\nJa, ka skjer?" in render(theme=GREETED).text
    assert plain(render()).count("Hei") == 0
