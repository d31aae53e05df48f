"""Answers as trees of elements, for tests to look into."""

from typing import Any

from django.http import HttpResponseBase
from lxml import etree, html


def page_of(answer: HttpResponseBase | str) -> Any:
    """An HTML answer, or HTML itself. `Any`, since what an XPath gives depends on the XPath."""
    return html.fromstring(answer if isinstance(answer, str) else answer.content)


def xml_of(answer: HttpResponseBase) -> Any:
    return etree.fromstring(answer.content)


def path_in(link: str) -> str:
    """The path of an address on our site."""
    return "/" + link.split("/", 3)[3]
