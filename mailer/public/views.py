"""What a reader's browser or mail program asks for."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseGone
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from mailer.feedback.unsubscribes import leave
from mailer.public.policy import LETTER
from mailer.results.letters import latest_letter, web_edition
from subscribers.addresses import shorten
from subscribers.models import Subscriber
from subscribers.tokens import TokenError, read_token


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show whose letter this is, and the last one that was sent."""
    return render(request, "public/front.html", {"letter_url": latest_letter()})


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers; an orchestrator restarts us otherwise."""
    connection.ensure_connection()
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
# The token in the address is what allows it, and mail programs post without a cookie (RFC 8058, 3.1).
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a page with one button, since link scanners press every link; POST takes the person out before it answers."""
    try:
        holder = read_token("unsubscribe", token)
    except TokenError:
        return render(request, "public/link_broken.html", status=404)
    if request.method == "POST":
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        subscriber = leave(holder, source="one-click" if one_click else "page")
        template = "public/left.html"
    else:
        subscriber = Subscriber.objects.filter(pk=holder.subscriber_id).first()
        template = "public/leave.html"
    with translation.override(subscriber.language if subscriber else settings.LANGUAGE_CODE):
        masked = shorten(subscriber.address) if subscriber else ""
        return render(request, template, {"address": masked})


@require_safe
def how_to_leave(request: HttpRequest) -> HttpResponse:
    """Tell someone who reads a letter on the web how to leave: the link in it that knows them is in their own mail."""
    return render(request, "public/how_to_leave.html")


@require_safe
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """Show a letter as it was sent, without anything that belongs to one reader."""
    try:
        holder = read_token("web", token)
    except TokenError:
        return render(request, "public/link_broken.html", status=404)
    page = web_edition(variant_id=holder.subscriber_id, campaign_id=holder.campaign_id)
    if page is None:
        return HttpResponseGone(render(request, "public/link_broken.html").content)
    return HttpResponse(page, headers={"Content-Security-Policy": LETTER, "Referrer-Policy": "no-referrer"})
