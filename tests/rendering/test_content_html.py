import pytest
from lxml import etree

from mailer.rendering.content_html import to_html, unbroken_pattern
from tests.rendering.letters import blocks


def html(*markdown: str, level: int = 2, unbroken: str = "(?!)") -> str:
    return to_html(blocks(*markdown), level, unbroken)


def test_a_quotation_hangs_its_dash_in_place_of_the_authors_hyphen():
    quotation = etree.fromstring(html("> -Dette er bra, sa hun.\n>\n> — Lena, ordfører"))
    assert quotation.get("role") == "presentation"
    assert [(cell.get("class"), cell.get("aria-hidden")) for cell in quotation.iter("td")] == [
        ("dash", "true"),
        ("words", None),
    ]
    assert ["".join(map(str, p.itertext())) for p in quotation.iter("p")] == ["Dette er bra, sa hun.", "Lena, ordfører"]
    assert [p.get("class") for p in quotation.iter("p")] == [None, "speaker"]


def test_hyphens_elsewhere_stay():
    assert html("Sør-Varanger - ja") == "<p>Sør-Varanger - ja</p>\n"
    assert "<p>- to</p>" in html("> en\n>\n> \\- to")


def test_a_table_tells_its_heads_and_numbers_stand_to_the_right():
    table = etree.fromstring(
        html("| Sted | Antall | Merk |\n|---|---|:-:|\n| Kirkenes | 1 200 | a |\n| Nikel | 7 % | b |")
    )
    assert [head.get("scope") for head in table.iter("th")] == ["col"] * 3
    assert [cell.get("class") for cell in table.iter("td")][:3] == [
        "data whole",
        "data right whole",
        "data center end words-whole",
    ]
    assert table.get("role") is None


def test_a_table_too_wide_for_a_phone_is_a_table_for_each_row():
    wide = etree.fromstring("<div>" + html("|Sted|b|c|d|\n|-|-|-|-|\n|Kirkenes|2||4|\n|Nikel|5|6|7|") + "</div>")
    told = [["".join(map(str, cell.itertext())) for cell in table.iter("th", "td")] for table in wide]
    assert told == [["Kirkenes", "b", "2", "d", "4"], ["Nikel", "b", "5", "c", "6", "d", "7"]]
    assert {head.get("scope") for head in wide.iter("th")} == {"colgroup", "row"}


def test_a_first_column_with_an_endless_word_wraps_and_numbers_never_do():
    table = etree.fromstring(html("|a|b|\n|-|-|\n|" + "x" * 300 + "|1 200|"))
    assert [cell.get("class") for cell in table.iter("td")] == ["data crowded", "data right end whole"]


def test_a_paragraph_from_right_to_left_says_so():
    assert html("مرحبا بكم") == '<p class="leftwards" dir="rtl">مرحبا بكم</p>\n'
    assert html("Ordet مرحبا er arabisk").startswith("<p>")


def test_headings_begin_below_the_one_they_stand_under_and_skip_no_level():
    assert html("# A\n\n### B\n\n### C\n\n# D", level=2) == "<h3>A</h3>\n<h4>B</h4>\n<h4>C</h4>\n<h3>D</h3>\n"
    assert html("### A", level=3) == "<h4>A</h4>\n"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#x0A;script:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org/x",
        "/relative",
        "https:",
        "https:///x",
    ],
)
def test_a_link_that_is_not_safe_keeps_its_words_and_loses_its_address(address: str):
    assert html(f"Se [ordene]({address}) her") == "<p>Se ordene her</p>\n"


@pytest.mark.parametrize("address", ["https://example.org/?a=1&b=2", "mailto:post@example.org", "tel:+4778970000"])
def test_a_safe_link_leads_where_it_did(address: str):
    links = etree.fromstring(html(f"Se [ordene]({address}) her")).iter("a")
    assert [link.get("href") for link in links] == [address]


def test_hosts_with_norwegian_letters_are_in_punycode():
    assert 'href="https://xn--sr-varanger-ggb.no/%C3%A5"' in html("[x](https://sør-varanger.no/å) y")


def test_an_image_is_as_wide_as_the_measure_and_has_its_words():
    image = html('![Ordføreren "smiler"](https://example.org/a.jpg "Foto: Kari")')
    assert 'alt="Ordf&#248;reren &quot;smiler&quot;" width="520" style="max-width:520px"' in image
    assert '<span class="caption">Foto: Kari</span>' in image


@pytest.mark.parametrize("address", ["data:image/png;base64,AA", "javascript:x", "bilde.jpg", "mailto:a@b.no"])
def test_an_image_from_nowhere_is_its_words(address: str):
    assert html(f"![Ordføreren]({address})") == "<p>Ordføreren</p>\n"


def test_short_links_and_given_phrases_are_never_broken():
    assert '<a class="whole" href' in html("Se [les mer her](https://example.org) nå")
    assert '<a href="https' in html("Se [en mye lengre lenke enn som så](https://example.org) nå")
    assert html("Den 17. november", unbroken=r"17\. november") == '<p>Den <span class="whole">17. november</span></p>\n'


def test_a_line_never_ends_in_one_letter_and_a_hyphen():
    unbroken = unbroken_pattern([], "(?!)")
    assert html("Send e-post", unbroken=unbroken) == '<p>Send <span class="whole">e-post</span></p>\n'
    assert "whole" not in html("Facebook-gruppe og e-" + "post" * 20, unbroken=unbroken)


def test_lists_are_lists_and_raw_html_is_text():
    assert html("3. a\n4. b") == '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'
    assert html("<script>x</script> & <b>fet</b>") == (
        "<p>&lt;script&gt;x&lt;/script&gt; &amp; &lt;b&gt;fet&lt;/b&gt;</p>\n"
    )


def test_two_lists_that_follow_each_other_stay_two():
    assert html("- a", "- b").count("<ul>") == 2


@pytest.mark.parametrize("markdown", ["- " * 60 + "innerst", ">" * 300 + "innerst", "[" * 500 + "innerst"])
def test_what_is_nested_too_deep_is_shown_all_the_same(markdown: str):
    content = html(markdown)
    assert "innerst" in content
    etree.fromstring(f"<div>{content}</div>")


@pytest.mark.parametrize("name", ["Øst-Finnmark", "Sør-Varanger"])
def test_a_short_name_is_not_broken_at_its_hyphen(name: str):
    unbroken = unbroken_pattern([], "(?!)")
    assert html(f"Vi i {name}.", unbroken=unbroken) == f'<p>Vi i <span class="whole">{name}</span>.</p>\n'


@pytest.mark.parametrize("text", ["Facebook-gruppe", "Kommunal-Og-Region", "Moderniserings-Departementet"])
def test_a_long_word_may_break_at_its_hyphen(text: str):
    assert "whole" not in html(text, unbroken=unbroken_pattern([], "(?!)"))
