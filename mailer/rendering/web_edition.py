"""The letter as a page: for whoever opens it in a browser, without what only an inbox needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from lxml import etree
from lxml import html as lxml_html

from mailer.rendering.slots import fill

# What a theme's templates mark as being for the one who got the mail. A slot's place is known without a mark.
MAIL_ONLY = "mail-only"
_HIDDEN = "preheader"
_MAIL_SLOTS = ("@@WEB_URL@@", "@@GREETING@@", "@@RECIPIENT_NAME@@")
_DOCTYPE = "<!DOCTYPE html>"


def web_edition(html: str, values: Mapping[str, str]) -> str:
    """`html`, a rendered letter's with its slots unfilled, as a page with a main landmark that no search engine keeps.

    Left out are the hidden preheader, Outlook's comments, the greeting, why this reader got the letter, and the link
    that leads here. `values` are those of `slots.fill` for the rest: UNSUBSCRIBE_URL, and PREFERENCES_URL where the
    letter has it; both belong to pages that ask who it is, for anyone may open this one. Raises SlotError.
    """
    page = cast("lxml_html.HtmlElement", lxml_html.document_fromstring(html))
    _drop_comments(page)
    _drop_mail_only(page)
    _drop_mail_slots(page)
    _into_main(page)
    robots = lxml_html.Element("meta", {"name": "robots", "content": "noindex, nofollow"})
    page.head.append(robots)
    written = etree.tostring(page, method="html", encoding="unicode", doctype=_DOCTYPE)
    return fill(written, values, escape=True)


def _drop_comments(page: lxml_html.HtmlElement) -> None:
    for comment in list(page.iter(etree.Comment)):
        _drop(comment)


def _drop_mail_only(page: lxml_html.HtmlElement) -> None:
    for name in (MAIL_ONLY, _HIDDEN):
        for element in page.find_class(name):
            _drop(element)


def _drop_mail_slots(page: lxml_html.HtmlElement) -> None:
    """Whatever a mail's slot stands in: a link with its words, or words with their element."""
    for element in list(page.iter(etree.Element)):
        if any(slot in (element.text or "") or slot in element.get("href", "") for slot in _MAIL_SLOTS):
            _drop(element)


def _into_main(page: lxml_html.HtmlElement) -> None:
    body = page.body
    main = lxml_html.Element("main")
    main.text, body.text = body.text, None
    main.extend(list(body))
    body.append(main)


def _drop(element: etree._Element) -> None:
    """Takes the element out and leaves what follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)
