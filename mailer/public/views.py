"""What a reader's browser or mail program asks for."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from mailer.feedback.unsubscribes import leave
from mailer.public.policy import LETTER
from mailer.results.letters import latest_letter, web_edition
from subscribers.addresses import shorten
from subscribers.models import Subscriber
from subscribers.tokens import TokenError, read_token

# What the page's own form adds to its address. Where an unsubscribe came from is never read from the body.
FROM_PAGE = "from=page"
_BODY_BYTES = 64 * 1024
# A token in the address belongs to whoever got the mail: not to the pages that are linked to, nor to search engines.
_PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show whose letter this is, and the last one that was sent to the whole list."""
    return render(request, "public/front.html", {"letter_url": latest_letter(translation.get_language())})


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers, and 503 otherwise: an orchestrator restarts us then."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("The database does not answer.\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
# The token in the address is what allows it, and mail programs post without a cookie (RFC 8058, 3.1).
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a page with one button, since link scanners press every link; POST takes the person out before it answers.

    RFC 8058 (3.1) knows one body only, urlencoded or multipart, so any POST is that one. The body is not parsed: one that is broken
    must keep nobody on the list.
    """
    try:
        holder = read_token("unsubscribe", token)
    except TokenError:
        return _link_broken(request)
    if request.method == "POST":
        by_page = request.META.get("QUERY_STRING", "") == FROM_PAGE
        person = leave(holder, source="page" if by_page else "one-click")
        _drain(request)
        return _personal_page(request, "public/left.html", person)
    person = Subscriber.objects.filter(pk=holder.subscriber_id).first()
    can_leave = person is not None and Subscriber.Status.UNSUBSCRIBED in Subscriber.TRANSITIONS[person.status]
    return _personal_page(request, "public/leave.html" if can_leave else "public/left.html", person)


def _drain(request: HttpRequest) -> None:
    # A connection that is closed with unread data on it is reset, and the mail program might never see the answer.
    with contextlib.suppress(OSError):
        request.read(_BODY_BYTES)


def _personal_page(request: HttpRequest, template: str, person: Subscriber | None) -> HttpResponse:
    known = person is not None and person.status != Subscriber.Status.ERASED
    language = person.language if person is not None and known else settings.LANGUAGE_CODE
    address = shorten(person.address) if person is not None and known else ""
    with translation.override(language):
        page = render(request, template, {"address": address, "form_address": f"?{FROM_PAGE}"})
    return _with_headers(page, {**_PRIVATE, "Content-Language": language})


def _link_broken(request: HttpRequest) -> HttpResponse:
    return _with_headers(render(request, "public/link_broken.html", status=404), _PRIVATE)


def _with_headers(page: HttpResponse, headers: Mapping[str, str]) -> HttpResponse:
    for name, value in headers.items():
        page[name] = value
    return page


@require_safe
def how_to_leave(request: HttpRequest) -> HttpResponse:
    """Tell someone who reads a letter on the web how to leave: the link in it that knows them is in their own mail."""
    return render(request, "public/how_to_leave.html")


@require_safe
@cache_control(public=True, max_age=600)
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """Show a letter as it was sent, without anything that belongs to one reader."""
    try:
        holder = read_token("web", token)
    except TokenError:
        return _link_broken(request)
    edition = web_edition(variant_id=holder.subscriber_id, campaign_id=holder.campaign_id)
    if edition is None:
        return render(request, "public/letter_gone.html", status=410)
    headers = {**_PRIVATE, "Content-Security-Policy": LETTER, "Content-Language": edition.language}
    return HttpResponse(edition.html, headers=headers)
