from dataclasses import replace

import pytest

from mailer.rendering.letter import Options
from mailer.rendering.text_layout import WIDTH
from mailer.rendering.theme import SocialLink
from tests.rendering.letters import ARCTIC, ISSUE, PLAIN, VALUES, one_section, plain, render

LETTER = """\
Ukebrev fra                                                       Uke 45
Sør-Varanger Utvikling                              8.–14. november 2021
                                          Ca. 5 timer dagslys i Kirkenes

Du får dette fordi du følger: studenter og gründere


Ja, ka skjer?

I dette brevet:

    - Piloten (med noe for studenter)
    - Fremtid (for studenter)
    - Fest (for gründere)


Vitensenter.


Piloten
-------

Samling.

(for studenter)

Studentbyen.


Fremtid (for studenter)
-----------------------

Sør-Varanger 2027
.................

Webinar 17. november.


Fest (for gründere)
-------------------

Festen.


Det var noe!

Alle oss.


________________________________________________________________________

Du får dette brevet fordi du står på listen til Sør-Varanger Utvikling.
Vi sporer ikke hva du åpner eller klikker på.

Meld deg av       https://brev.example.org/av?a=1&b=2
Vis i nettleser   https://brev.example.org/45

Sør-Varanger Utvikling, Gateadresse 1, 9900 Kirkenes
"""


def body(*markdown: str) -> str:
    return plain(one_section(*markdown)).split("tema.\n", 1)[1].split("____")[0].strip("\n")


def test_the_whole_letter_reads_like_one():
    assert plain(render(ISSUE, "students", "entrepreneurs")) == LETTER


def test_links_are_numbered_and_their_addresses_stand_below():
    assert body(
        "Se [programmet](https://example.org/a) og [kartet](https://example.org/b).",
        "Igjen [her](https://example.org/a).",
    ) == (
        "Se programmet [1] og kartet [2].\n\n    [1] https://example.org/a\n    [2] https://example.org/b\n\n"
        "Igjen her [1].\n\n    [1] https://example.org/a"
    )


@pytest.mark.parametrize("markdown", ["<https://example.org/a>", "[post@example.org](mailto:post@example.org)"])
def test_an_address_that_is_its_own_words_has_no_number(markdown: str):
    assert "[1]" not in body(markdown)


def test_a_link_that_is_not_safe_is_its_words():
    assert body("[ordene](javascript:alert)") == "ordene"


def test_quotations_lists_and_code_are_indented():
    assert body("> -Bra, sa hun.\n>\n> — Lena, ordfører", "- a\n- b\n  1. c", "```\nx = 1\n```", "---") == (
        "    – Bra, sa hun.\n\n      Lena, ordfører\n\n    - a\n    - b\n      1. c\n\n    x = 1\n\n    * * *"
    )


def test_a_quotation_without_a_hyphen_gets_the_dash_too():
    assert body("> Bra, sa hun.") == "    – Bra, sa hun."


def test_numbers_stand_to_the_right_in_tables():
    assert body("|Sted|Antall|\n|-|-|\n|Kirkenes|7|") == "    Sted            Antall\n    Kirkenes             7"


def test_an_image_is_told_in_words():
    assert body('![Ordføreren](https://example.org/a.jpg "Foto: Kari")') == "[Bilde: Ordføreren] Foto: Kari"


def test_no_line_but_an_address_is_longer_than_72_columns():
    long = "Ord og flere ord med bindestrek-ord og tall 1 234 i lange setninger. " * 20
    letter = plain(one_section(long, "> " + long, "- " + long + "\n  - " + long, f"[{long}](https://example.org)"))
    assert all(len(line) <= WIDTH for line in letter.split("\n"))


def test_dates_are_not_split():
    for length in range(50, 72):
        assert "17. november" in plain(one_section("x" * length + " den 17. november og mer " + "y" * 30))


def test_pages_that_exist_are_linked_and_others_not():
    text = plain(render(ISSUE, options=Options(preferences=True)))
    assert f"Endre hva du får  {VALUES['PREFERENCES_URL']}" in text
    assert "Endre" not in plain(render(ISSUE))


def test_both_themes_have_the_same_text_but_for_the_light():
    theme = replace(PLAIN, sender=ARCTIC.sender, social=(SocialLink("Mastodon", "https://example.org/@oss"),))
    text = plain(render(ISSUE, "students", "entrepreneurs", theme=theme))
    assert "dagslys" not in text
    assert "Mastodon: https://example.org/@oss\n\nMeld deg av" in text


def test_a_heading_inside_of_a_story_stands_apart_and_the_first_one_needs_no_more_room():
    assert body("### Først\n\nTekst.\n\n### Så *dette*\n\nMer.") == (
        "Først\n.....\n\nTekst.\n\n\nSå dette\n........\n\nMer."
    )


@pytest.mark.parametrize("whole", ["kl. 9", "2,5 mill.", "17. november", "12 000 kroner", "kl. 10–12", "§ 4"])
def test_no_line_ends_between_a_number_and_what_it_counts(whole: str):
    for length in range(40, 75):
        text = body("x" * length + f" {whole} og så videre")
        assert whole in text, length
