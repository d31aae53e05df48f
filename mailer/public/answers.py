"""A page as an answer: in the reader's language, with the headers that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

# A token in the address belongs to whoever got the mail: not to the pages that are linked to, nor to search engines.
PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
_LANGUAGES = dict(settings.LANGUAGES)


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
    """Return a page in the language that was chosen on it, else in `language`, else in the browser's."""
    spoken = chosen_language(request) or language or spoken_language(request)
    with translation.override(spoken):
        answer = render(request, f"public/{template}.html", dict(context or {}), status=status)
    answer["Content-Language"] = spoken
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def link_broken(request: HttpRequest) -> HttpResponse:
    """Say that a link works no longer, and offer a new one."""
    return page(request, "link_broken", status=404, headers=PRIVATE)


def see_other(request: HttpRequest, name: str, *args: object, query: str = "") -> HttpResponse:
    """Send the browser to another page (303), in the language that was chosen: going back or loading anew then posts nothing twice."""
    language = chosen_language(request)
    query = "&".join(filter(None, [query, f"lang={language}" if language else ""]))
    answer = HttpResponseRedirect(reverse(name, args=args) + (f"?{query}" if query else ""))
    answer.status_code = 303
    return answer
