"""A .docx as HTML, by mammoth: Word's styles become headings and quotations."""

from __future__ import annotations

import io
import zipfile

import mammoth

from mailer.parsing.issue import SourceError

DOCX_LIMIT = 20_000_000
# A document's text unpacks to about ten times its size; far more is an attack or no letter.
_UNPACKED_LIMIT = 100_000_000
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Tittel'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
p[style-name='Undertittel'] => p:fresh
p[style-name='Overskrift 1'] => h1:fresh
p[style-name='Overskrift 2'] => h2:fresh
p[style-name='Overskrift 3'] => h3:fresh
p[style-name='Overskrift 4'] => h4:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='Sitat'] => blockquote > p:fresh
p[style-name='Sterkt sitat'] => blockquote > p:fresh
"""


def docx_to_html(data: bytes, name: str) -> str:
    """The text of a .docx as HTML. Images are left out: they have no address. Raises SourceError when it is none."""
    if len(data) > DOCX_LIMIT:
        raise SourceError(f"{name} is {len(data) / 1e6:.1f} MB; the limit is {DOCX_LIMIT // 1_000_000} MB.")
    _check(data, name)
    try:
        result = mammoth.convert_to_html(
            io.BytesIO(data), style_map=_STYLES, convert_image=mammoth.images.img_element(lambda _: {"src": ""})
        )
    except Exception as error:
        raise SourceError(
            f"{name} is a damaged Word document: it can't be read. Open and save it again in Word."
        ) from error
    value: str = result.value
    if not value.strip():
        raise SourceError(f"{name} is empty: there is no text in it to import.")
    return value


def _check(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = {each.filename: each.file_size for each in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise SourceError(f"{name} is a damaged zip archive, not text.") from error
    if "word/document.xml" not in sizes:
        raise SourceError(
            f"{name} is a zip archive and no Word document. Save it as plain text, Markdown, HTML or .docx."
        )
    if sizes["word/document.xml"] > _UNPACKED_LIMIT:
        raise SourceError(f"{name} unpacks to {sizes['word/document.xml'] / 1e6:.0f} MB of text; that is no letter.")
