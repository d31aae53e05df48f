"""HTML from Word, Google Docs and web pages becomes Markdown: a cleaner, a sanitiser, then markdownify.

The line numbers of what is read this way are those of the Markdown, because HTML has no lines that an author saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import nh3
from lxml import etree, html
from markdownify import markdownify

from mailer.parsing.issue import Dropped
from mailer.parsing.lines import plain_text
from mailer.parsing.nesting import make_shallow

_DROPPED = (
    "head",
    "script",
    "style",
    "noscript",
    "template",
    "button",
    "svg",
    "iframe",
    "select",
    "input",
    "textarea",
    "object",
    "video",
    "audio",
)
_PAGE_ONLY = ("nav", "header", "footer", "aside")
_TAGS = {
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "hr", "br", "a", "strong", "em", "b", "i",
    "del", "s", "img", "table", "thead", "tbody", "tr", "th", "td", "div",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
# More space than any author leaves; what reads HTML takes the square of its length.
_GAP = re.compile(r"\s{200,}")
_BREAKS = re.compile(r"(?:<br\s*/?>\s*){2,}", re.IGNORECASE)
_BOLD = re.compile(r"font-weight:\s*(?:bold|bolder|[6-9]00)", re.IGNORECASE)
_NOT_BOLD = re.compile(r"font-weight:\s*(?:normal|lighter|[1-5]00)", re.IGNORECASE)
_ITALIC = re.compile(r"font-style:\s*(?:italic|oblique)", re.IGNORECASE)
_IGNORED = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
_LEVEL = re.compile(r"mso-list:\s*l\d+\s+level(\d)", re.IGNORECASE)
_HIDDEN = re.compile(r"display:\s*none|mso-hide:\s*all", re.IGNORECASE)


def html_to_markdown(source: str) -> tuple[str, list[Dropped]]:
    """A page or a piece of one as Markdown in our dialect, and the words of the page's frame that were taken out."""
    source = make_shallow(_BREAKS.sub("</p><p>", _GAP.sub(" ", plain_text(source))))
    try:
        tree = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", source))
    except (etree.ParserError, ValueError):
        return "", []
    dropped = _clean(tree)
    safe = nh3.clean(
        html.tostring(tree, encoding="unicode"), tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None
    )
    try:
        markdown: str = markdownify(
            f"<div>{safe}</div>", heading_style="ATX", bullets="-", newline_style="BACKSLASH", escape_misc=True
        )
    except RecursionError:
        return "", dropped
    # A line break that ends a paragraph breaks nothing, and its backslash would be shown.
    markdown = re.sub(r"(?<!\\)\\(?=\n\s*\n|\s*\Z)", "", re.sub(r"(?m)^\\\s*$", "", markdown))
    return re.sub(r"\n{3,}", "\n\n", markdown).strip() + "\n", dropped


def _clean(tree: html.HtmlElement) -> list[Dropped]:
    etree.strip_elements(tree, etree.Comment, *_DROPPED, with_tail=False)
    dropped = _keep_main(tree)
    for element in list(tree.iter("img")):
        if not str(element.get("src", "")).startswith(("http://", "https://")):
            element.drop_tree()
    _style_to_tags(tree)
    _word_lists(tree)
    for table in list(tree.iter("table")):
        _table(table)
    for element in tree.iter("p"):
        if re.match(r"MsoTitle", str(element.get("class", ""))):
            element.tag = "h1"
    return dropped


def _keep_main(tree: html.HtmlElement) -> list[Dropped]:
    """Of a page that says which of it is the text, keep that only; of any, leave out its frame. What is left out is given back."""
    body = tree.find("body")
    if body is None:
        return []
    dropped: list[Dropped] = []
    main = [*body.iter("main"), *[each for each in body.iter() if each.get("role") == "main"]] or list(
        body.iter("article")
    )
    kept = main[0] if len(main) == 1 else None
    if kept is not None and len((kept.text_content() or "").strip()) > len(body.text_content().strip()) // 3:
        inside = {kept, *kept.iterdescendants(), *kept.iterancestors()}
        for element in [each for each in body.iterdescendants() if each not in inside and each.getparent() in inside]:
            _leave_out(element, dropped)
    for element in [each for each in body.iter(*_PAGE_ONLY) if each.tag != "header" or each.find(".//h1") is None]:
        if element.getparent() is not None:
            _leave_out(element, dropped)
    return dropped


def _leave_out(element: html.HtmlElement, dropped: list[Dropped]) -> None:
    words = " ".join(" ".join(element.itertext()).split())
    if words:
        dropped.append(Dropped(element.sourceline or 1, words))
    element.drop_tree()


def _style_to_tags(tree: html.HtmlElement) -> None:
    """What is bold, italic or hidden by its style, as tags."""
    for element in list(tree.iter("span", "b", "p", "div", "font")):
        style = str(element.get("style", ""))
        if not style or element.getparent() is None:
            continue
        if _IGNORED.search(style) or _HIDDEN.search(style):
            element.drop_tree()
        elif element.tag == "b" and _NOT_BOLD.search(style):
            element.drop_tag()
        elif element.tag == "span":
            tags = [tag for tag, pattern in (("strong", _BOLD), ("em", _ITALIC)) if pattern.search(style)]
            if tags:
                element.tag = tags[0]
            if len(tags) > 1:
                _wrap_inside(element, tags[1])


def _wrap_inside(element: html.HtmlElement, tag: str) -> None:
    inner = html.Element(tag)
    inner.text, element.text = element.text, None
    inner.extend(list(element))
    element.append(inner)


def _word_lists(tree: html.HtmlElement) -> None:
    """Word's paragraphs that only look like items become items of real lists."""
    for paragraph in list(tree.iter("p")):
        match = _LEVEL.search(str(paragraph.get("style", "")))
        listed = match or "MsoListParagraph" in str(paragraph.get("class", ""))
        parent = paragraph.getparent()
        if not listed or parent is None:
            continue
        level = int(match[1]) if match else 1
        before = paragraph.getprevious()
        if before is None or before.tag != "ul" or not before.get("data-word"):
            before = html.Element("ul", {"data-word": "1"})
            parent.insert(parent.index(paragraph), before)
        target = before
        for _ in range(1, level):
            items = target.findall("li")
            if not items:
                break
            inner = items[-1].find("ul")
            target = inner if inner is not None else etree.SubElement(items[-1], "ul")
        paragraph.tag = "li"
        paragraph.tail = None
        target.append(paragraph)


def _table(table: html.HtmlElement) -> None:
    """Give a table of data its heads; a table that only lays out a page becomes its cells' text."""
    rows = list(table.iter("tr"))
    widest = max((len(row.findall("td")) + len(row.findall("th")) for row in rows), default=0)
    if widest < 2 or table.get("role") == "presentation" or next(table.iterdescendants("table"), None) is not None:  # noqa: PLR2004
        _unwrap(table.iter("table", "tbody", "thead", "tr", "td", "th"))
        return
    for cell in rows[0].findall("td"):
        cell.tag = "th"


def _unwrap(elements: Iterable[html.HtmlElement]) -> None:
    for element in list(elements):
        element.tag = "div"
