"""Pages for what went wrong, in words: what happened, and what to do. None asks the database, which may be what failed."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request

from mailer.public import answers

_TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that what the browser sent can't be read, is more than we take (RFC 9110, 15.5.14), or went to a name that is not ours."""
    if isinstance(exception, _TOO_BIG):
        return _page(request, "too_big", 413)
    kind = "wrong_host" if isinstance(exception, DisallowedHost) else "bad_request"
    return _page(request, kind, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that this page is not for whoever asks."""
    return _page(request, "forbidden", 403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form did not bring what shows that it came from us: it was open for too long, or the browser keeps no cookies.

    No form that readers see can come here: they need no cookie. The forms of whoever signs in do.
    """
    return _page(request, "form_too_old", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page; or lead to it, where a mail program took a full stop for a part of its address."""
    return answers.without_marks(request) or answers.page(request, "not_found", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours."""
    return answers.page(request, "failed", status=500)


def _page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    # What was refused before its language was looked at must not speak the language of the request before it.
    language = get_language_from_request(request)
    return answers.page(request, template, {"site_url": settings.SITE_URL}, language=language, status=status)
