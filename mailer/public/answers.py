"""A page as an answer: in the reader's language, with the headers that go with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import is_valid_path, reverse
from django.utils import translation

# A token in the address belongs to whoever got the mail: not to the pages that are linked to, nor to search engines.
PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
_LANGUAGES = dict(settings.LANGUAGES)
# What stands behind an address in running text, and mail programs take for a part of it: none of our pages ends with such a mark.
# Read from the end, so that it takes no longer than the address is long.
_MARKS_FROM_THE_END = re.compile(r"(?:;(?:tg|touq|sopa|93#|72x#)&|[^A-Za-z0-9_-])*")
_ASKED_AGAIN = frozenset({422, 429})


def chosen_language(request: HttpRequest) -> str:
    """Return the language that a reader chose on the page; empty when they didn't. It stands in the address: we set no cookies."""
    wanted = request.GET.get("lang", "")
    return wanted if wanted in _LANGUAGES else ""


def spoken_language(request: HttpRequest) -> str:
    """Return the language that a reader chose, or that their browser asks for."""
    return chosen_language(request) or translation.get_language() or settings.LANGUAGE_CODE


def page(  # noqa: PLR0913  # what a page may need; most need two
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    language: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a page in the language that was chosen on it, else in `language`, else in the browser's.

    A form that is shown again because something won't do (422, 429) says so in the page's title, which is read out first.
    """
    spoken = chosen_language(request) or language or spoken_language(request)
    context = {"is_wrong": status in _ASKED_AGAIN, **(context or {})}
    with translation.override(spoken):
        answer = render(request, f"public/{template}.html", context, status=status)
    answer["Content-Language"] = spoken
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def without_marks(request: HttpRequest) -> HttpResponse | None:
    """Lead to the same address without the marks behind it, if there are any: `/u/TOKEN>`, `/archive.`, `/p/TOKEN/stay),`.

    307, so that what was posted is posted there (RFC 9110, 15.4.8). The address begins with one slash only, and so stays on our site.
    """
    marks = _MARKS_FROM_THE_END.match(request.path[::-1])
    path = "/" + request.path[: len(request.path) - (marks.end() if marks else 0)].lstrip("/")
    if path == request.path or not is_valid_path(path):
        return None
    query = request.META.get("QUERY_STRING", "")
    answer = HttpResponseRedirect(quote(path) + (f"?{query}" if query else ""), headers=PRIVATE)
    answer.status_code = 307
    return answer


def link_broken(request: HttpRequest) -> HttpResponse:
    """Say that a link works no longer, and offer a new one; or lead to what works, if only marks behind it were too many."""
    return without_marks(request) or page(request, "link_broken", status=404, headers=PRIVATE)


def see_other(request: HttpRequest, name: str, *args: object, query: str = "") -> HttpResponse:
    """Send the browser to another page (303), in the language that was chosen: going back or loading anew then posts nothing twice."""
    language = chosen_language(request)
    query = "&".join(filter(None, [query, f"lang={language}" if language else ""]))
    answer = HttpResponseRedirect(reverse(name, args=args) + (f"?{query}" if query else ""))
    answer.status_code = 303
    return answer
