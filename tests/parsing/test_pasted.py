"""HTML from web pages, Word and Google Docs, and .docx files."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from mailer.parsing.blocks import block_items, block_text, links
from mailer.parsing.importing import parse_file, parse_text
from mailer.parsing.issue import ParsedIssue, SourceError
from mailer.parsing.pasted import html_to_markdown
from tests.parsing.reading import ANY_TEXT

PAGE = """<!doctype html><html><head><title>x</title><style>p{}</style></head><body>
<nav><a href="/">Hjem</a></nav><main><h1>Ukebrev uke 12</h1><p>Hei&nbsp;alle! Her er ukas nyheter fra oss.</p>
<h2>Kurs</h2><p>Les om <b>regnskap</b> for gründere <a href="https://x.no/a">her</a>.<br>Ny linje.</p>
<ul><li>En<ul><li>To</li></ul></li><li>Tre</li></ul><table><tr><td>Dag</td><td>Tid</td></tr><tr><td>Man</td><td>18</td></tr></table>
<script>alert(1)</script><p>Vil du vite mer? <a href="javascript:x()">Les mer her</a>.</p></main>
<footer>© 2021 Oss</footer></body></html>"""

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->
<p class=MsoNormal><b><span style='font-size:16pt'>Ukebrev uke 20<o:p></o:p></span></b></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoNormal>Hei alle! Her kommer nyheter fra prosjektet, som har hatt det travelt.</p><p class=MsoNormal><b>Fremdrift</b></p>
<p class=MsoNormal>Vi er i rute, og neste milepæl er i juni.</p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span>&nbsp;</span>
</span><![endif]>Første</p><p class=MsoListParagraphCxSpLast style='mso-list:l0 level2 lfo1'><span
style='mso-list:Ignore'>o </span>Under</p>
<p class=MsoNormal><b>Økonomi</b></p><p class=MsoNormal>Regnskapet viser et overskudd på 12 000 kr.</p></body></html>"""

DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><h1><span>Weekly notes</span></h1>
<p><span>Hello team, a short one because of the holiday.</span></p><h2><span>Shipping</span></h2><p><span>We shipped the </span>
<span style="font-weight:700">editor</span><span>.</span></p><br><h2>Hiring</h2><p>Two offers are out.</p></b>"""


def _outline(issue: ParsedIssue) -> list[tuple[str | None, str]]:
    return [(section.part, section.heading) for section in issue.sections]


def test_a_web_page() -> None:
    issue = parse_text(PAGE, kind="html")
    assert (issue.title, issue.week) == ("Ukebrev uke 12", 12)
    assert _outline(issue) == [(None, "Kurs")]
    blocks = issue.sections[0].blocks
    assert [block.kind for block in blocks] == ["paragraph", "list", "table", "paragraph"]
    assert block_text(blocks[0]) == "Les om regnskap for gründere her.\nNy linje."
    assert block_items(blocks[1]) == ["En", "To", "Tre"]
    assert [(link.text, link.target) for link in links(blocks)] == [("her", "https://x.no/a"), ("Les mer her", None)]
    assert [each.text for each in issue.dropped] == ["Hjem", "© 2021 Oss"]


def test_a_piece_of_word() -> None:
    issue = parse_text(WORD, kind="html")
    assert issue.title == "Ukebrev uke 20"
    assert _outline(issue) == [(None, "Fremdrift"), (None, "Økonomi")]
    assert issue.sections[0].blocks[1].markdown == "- Første\n  - Under"


def test_a_piece_of_google_docs() -> None:
    issue = parse_text(DOCS, kind="html")
    assert _outline(issue) == [(None, "Shipping"), (None, "Hiring")]
    assert [block.markdown for block in issue.sections[0].blocks] == ["We shipped the **editor**."]


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_any_html_is_read_or_refused_in_one_sentence(text: str) -> None:
    for source in (text, f"<p>{text}</p><h2>{text}", f"<table><tr><td>{text}<td>{text}</table>"):
        error = _error(source)
        assert error is None or str(error).endswith(".")


def _error(source: str) -> SourceError | None:
    try:
        parse_text(source, kind="html")
    except SourceError as error:
        return error
    return None


def test_text_in_html_is_never_markup() -> None:
    markdown, _ = html_to_markdown("<p>1. *a* _b_ # [x](y) &lt;i&gt; `c` \\ | ~~d~~</p>")
    issue = parse_text(f"---\ntitle: x\n---\n\n{markdown}", kind="markdown")
    assert block_text(issue.intro[0]) == "1. *a* _b_ # [x](y) <i> `c` \\ | ~~d~~"


def _docx(path: Path, *paragraphs: tuple[str, str]) -> Path:
    """A Word document: each paragraph with its style, or "bold"."""
    body = ""
    for style, text in paragraphs:
        properties = "" if style in {"", "bold"} else f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
        run = "<w:rPr><w:b/></w:rPr>" if style == "bold" else ""
        body += f'<w:p>{properties}<w:r>{run}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in {
            "Overskrift1": "heading 1",
            "Overskrift2": "heading 2",
            "Tittel": "Title",
            "Sitat": "Quote",
        }.items()
    )
    kinds = f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", kinds)
        archive.writestr("_rels/.rels", _relation(package, f"{office}/officeDocument", "word/document.xml"))
        archive.writestr("word/_rels/document.xml.rels", _relation(package, f"{office}/styles", "styles.xml"))
        archive.writestr("word/styles.xml", f'<w:styles xmlns:w="{main}">{styles}</w:styles>')
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{main}"><w:body>{body}</w:body></w:document>')
    return path


def _relation(package: str, kind: str, target: str) -> str:
    return f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{kind}" Target="{target}"/></Relationships>'


INTRO = ("", "Hei alle, her kommer ukas nyheter fra oss på huset.")
TEXT = ("", "Vi er i rute med alt arbeidet, og det er vi glade for.")


def test_word_styles_are_title_parts_sections_and_quotations(tmp_path: Path) -> None:
    path = _docx(
        tmp_path / "brev.docx", ("Tittel", "Ukebrev uke 8"), INTRO, ("Overskrift1", "Skolen"), ("Overskrift2", "Skogtur"), TEXT,
        ("Sitat", "Dette blir bra"), ("Overskrift2", "Foreldremøte"), TEXT, ("Overskrift1", "Kommunen"), TEXT,
    )  # fmt: skip
    issue = parse_file(path)
    assert (issue.title, issue.parts) == ("Ukebrev uke 8", ("Skolen",))
    assert _outline(issue) == [("Skolen", "Skogtur"), ("Skolen", "Foreldremøte"), (None, "Kommunen")]
    assert [block.kind for block in issue.sections[0].blocks] == ["paragraph", "quotation"]


def test_bold_paragraphs_in_word_are_headings(tmp_path: Path) -> None:
    path = _docx(
        tmp_path / "brev.docx",
        ("bold", "Ukebrev uke 8"),
        INTRO,
        ("bold", "Skogtur"),
        TEXT,
        ("bold", "Foreldremøte"),
        TEXT,
    )
    issue = parse_file(path)
    assert issue.title == "Ukebrev uke 8"
    assert _outline(issue) == [(None, "Skogtur"), (None, "Foreldremøte")]


@pytest.mark.parametrize("content", ["", "<w:p/>", "<broken"])
def test_an_empty_or_damaged_document_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "brev.docx"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", content)
    path.write_bytes(buffer.getvalue())
    with pytest.raises(SourceError, match=r"brev\.docx is (?:a damaged|empty)"):
        parse_file(path)


@pytest.mark.parametrize("tag", ["div", "span"])
def test_a_text_in_far_too_many_frames_is_read(tag: str) -> None:
    frames = f"<{tag}>" * 20_000 + "Hei alle, dette er en tekst." + f"</{tag}>" * 20_000
    assert [block_text(block) for block in parse_text(frames, kind="html").intro] == ["Hei alle, dette er en tekst."]


def test_a_page_of_which_no_text_is_left_is_not_called_empty() -> None:
    with pytest.raises(SourceError, match="nested too deeply or hides it all"):
        parse_text("<blockquote>" * 20_000 + "Hei", kind="html")
    with pytest.raises(SourceError, match="is empty"):
        parse_text("<p> </p>", kind="html")
