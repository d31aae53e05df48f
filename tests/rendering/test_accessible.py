"""The mail's own HTML as axe finds it, in each variant."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from gallery.issues import letters
from gallery.shooting import window
from mailer.rendering.theme import Theme
from tests.rendering.letters import ARCTIC, PLAIN, page, render

# A mail is an article in the page of a mail program, which has its own main landmark: a second one would be a fault
# there. Opened as a page of its own it is the web edition, which has one.
OF_PAGES = {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}


@pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=["arctic", "plain"])
def test_axe_finds_nothing_in_any_variant(chromium: Browser, theme: Theme):
    found: dict[tuple[str, str], list[str]] = {}
    with window(chromium, "light", 375) as opened:
        for letter in letters(theme):
            # The monster's variants have the same elements, and are long.
            if letter.issue == "monster" and letter.reader != "everything":
                continue
            opened.set_content(letter.html)
            results = Axe().run(opened, options={"resultTypes": ["violations"], "rules": OF_PAGES})
            found[letter.issue, letter.reader] = [rule["id"] for rule in results.response["violations"]]
    assert not any(found.values()), found


def test_a_mail_is_an_article_to_screen_readers():
    (article,) = page(render()).xpath("//*[@role='article']")
    assert article.get("aria-roledescription") == "email"
    assert article.get("lang") == "nb"
