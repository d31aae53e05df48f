import pytest

import mailer.rendering.mjml
from mailer.rendering.mjml import to_html
from mailer.rendering.mjml_grammar import ATTRIBUTES
from mailer.rendering.templates import BrokenTemplateError


def document(body: str) -> str:
    return f"<!--begin plain/body.mjml--><mjml>\n<mj-body>\n{body}\n</mj-body></mjml><!--end plain/body.mjml-->"


def column(content: str) -> str:
    return document(
        f"<mj-section><mj-column>\n<!--begin _partials/x.mjml-->{content}<!--end _partials/x.mjml-->\n</mj-column></mj-section>"
    )


def test_good_mjml_gives_html_without_the_templates_names():
    html = to_html(column("<mj-text padding='0px 40px'>Hei</mj-text>"))
    assert "Hei" in html
    assert "<!--begin" not in html
    assert "fonts.googleapis" not in html


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("<mj-text>\n<b>fet</mj-text>", r"_partials/x\.mjml, about line 2 .*expected </b>, found </mj-text>"),
        ("<mj-text>a < b</mj-text>", r"_partials/x\.mjml, about line 1 .*StartTag: invalid element name"),
        ("<mj-text>a &nbsp; b</mj-text>", r"_partials/x\.mjml, about line 1 .*Entity 'nbsp' not defined"),
        ("<mj-txet>a</mj-txet>", r"_partials/x\.mjml, about line 1 .*<mj-txet> is not one of ours; known are"),
        ("<mj-text colour='red'>a</mj-text>", r"<mj-text> has no colour; it has align, "),
        ("<mj-text color='rød'>a</mj-text>", r'color="rød" on <mj-text>: expected a colour such as #15232E'),
        (
            "<mj-text padding='0 40px'>a</mj-text>",
            r"expected one to four lengths, each with its unit, such as 0px 40px",
        ),
        ("<mj-section></mj-section>", r"<mj-section> stands in <mj-column>; it belongs in mj-body or mj-wrapper"),
        ("<mj-text><script>x</script></mj-text>", r"<script> has no place in a mail"),
        ("<mj-text><a onClick='x'>y</a></mj-text>", r"<a> has onClick, a script"),
    ],
)
def test_a_fault_is_told_with_its_template_line_and_expectation(content: str, fault: str):
    with pytest.raises(BrokenTemplateError, match=fault):
        to_html(column(content))


def test_what_is_no_letter_is_told():
    with pytest.raises(BrokenTemplateError, match="a letter begins with <mjml>, not <html>"):
        to_html("<html></html>")
    with pytest.raises(BrokenTemplateError, match="DOCTYPE"):
        to_html("<!DOCTYPE mjml><mjml><mj-body></mj-body></mjml>")


def test_a_panic_of_the_renderer_is_an_ordinary_error(monkeypatch: pytest.MonkeyPatch):
    # A raw > close behind a character of several bytes; our own templates and writers always say &gt;.
    with pytest.raises(BrokenTemplateError, match="gave up"):
        to_html(column("<mj-text><p>Å > B</p></mj-text>"))


def test_an_interrupt_is_not_taken_for_a_panic(monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(mailer.rendering.mjml, "mjml2html", interrupted)
    with pytest.raises(KeyboardInterrupt):
        to_html(column(""))


def test_components_that_the_renderer_draws_wrongly_are_not_allowed():
    assert not {"mj-hero", "mj-carousel", "mj-include", "mj-font", "mj-html-attributes"} & set(ATTRIBUTES)
