"""Leaving: the page and the mail program's one click, undo, a reason, and a new link for whoever has lost theirs."""

from __future__ import annotations

import contextlib
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from mailer.feedback.unsubscribes import leave
from mailer.public import answers, traps, visitors
from mailer.public.forms import AddressForm
from mailer.public.methods import read_and_post, read_only
from mailer.transactional.delivery import is_late
from subscribers import preferences
from subscribers.addresses import shorten
from subscribers.limits import TooManyError
from subscribers.models import Subscriber
from subscribers.moving import ask_for_link
from subscribers.tokens import Holder, TokenError, make_token, read_token

# What the page's own form adds to its address. Where an unsubscribe came from is never read from the body.
FROM_PAGE = "from=page"
_BODY_BYTES = 64 * 1024


@never_cache
# The token in the address is what allows it, and mail programs post without a cookie (RFC 8058, 3.1).
@csrf_exempt
@read_and_post
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a page with one button, since link scanners press every link; POST takes the person out before it answers.

    RFC 8058 (3.1) knows one body only, urlencoded or multipart, so any POST is that one. The body is not parsed: one that is broken
    must keep nobody on the list.
    """
    try:
        holder = read_token("unsubscribe", token)
    except TokenError:
        return answers.link_broken(request)
    if request.method == "POST":
        by_page = FROM_PAGE in request.META.get("QUERY_STRING", "").split("&")
        person = leave(holder, source="page" if by_page else "one-click")
        _drain(request)
        return _left(request, token, person) if by_page else _left_by_program(person)
    person = Subscriber.objects.filter(pk=holder.subscriber_id).first()
    if person is None or Subscriber.Status.UNSUBSCRIBED not in Subscriber.TRANSITIONS[person.status]:
        return _left(request, token, person)
    is_reader = person.status == Subscriber.Status.ACTIVE
    own = {"preferences": make_token("preferences", Holder(person.pk))} if is_reader else {}
    return _personal(request, "leave", person, {"form_address": f"?{FROM_PAGE}", **own})


def _drain(request: HttpRequest) -> None:
    # A connection that is closed with unread data on it is reset, and the mail program might never see the answer.
    with contextlib.suppress(OSError):
        request.read(_BODY_BYTES)


def _left_by_program(person: Subscriber | None) -> HttpResponse:
    """The answer to a mail program, which shows it to nobody: short, so that many at once are no burden."""
    english = person is not None and person.language == Subscriber.Language.ENGLISH
    said = "You have left the list.\n" if english else "Du er meldt av.\n"
    return HttpResponse(said, content_type="text/plain; charset=utf-8", headers=answers.PRIVATE)


def _left(request: HttpRequest, token: str, person: Subscriber | None) -> HttpResponse:
    can_undo = person is not None and preferences.can_undo_leaving(person)
    has_left = person is not None and person.status == Subscriber.Status.UNSUBSCRIBED
    done = request.GET.get("done", "") if request.method != "POST" else ""
    context = {"token": token, "can_undo": can_undo, "ask_why": has_left and done != "told", "done": done}
    return _personal(request, "left", person, context)


def _personal(request: HttpRequest, template: str, person: Subscriber | None, context: dict[str, Any]) -> HttpResponse:
    known = person is not None and person.status != Subscriber.Status.ERASED
    language = person.language if person is not None and known else settings.LANGUAGE_CODE
    address = shorten(person.address) if person is not None and known else ""
    context = {"address": address, **context}
    return answers.page(request, template, context, language=language, headers=answers.PRIVATE)


@never_cache
@csrf_exempt
@read_and_post
def undo(request: HttpRequest, token: str) -> HttpResponse:
    """Bring back who pressed the button a moment ago. Whoever comes here otherwise is shown the page with it."""
    try:
        holder = read_token("unsubscribe", token)
    except TokenError:
        return answers.link_broken(request)
    if request.method != "POST":
        return answers.see_other(request, "unsubscribe", token)
    try:
        preferences.undo_leaving(holder.subscriber_id, source="page", network=visitors.network(request))
    except preferences.PreferenceError:
        return answers.see_other(request, "unsubscribe", token, query="done=late")
    return answers.see_other(request, "preferences", make_token("preferences", holder), query="done=back")


@never_cache
@csrf_exempt
@read_and_post
def reason(request: HttpRequest, token: str) -> HttpResponse:
    """Take down why somebody left, if they want to say."""
    try:
        holder = read_token("unsubscribe", token)
    except TokenError:
        return answers.link_broken(request)
    if request.method == "POST":
        with contextlib.suppress(preferences.PreferenceError):
            preferences.give_reason(holder.subscriber_id, request.POST.get("reason", ""), source="page")
            if Subscriber.objects.filter(pk=holder.subscriber_id, status=Subscriber.Status.ACTIVE).exists():
                # They came back in another tab: the question is no more, and the page to leave would look like a second one.
                return answers.see_other(request, "preferences", make_token("preferences", holder), query="done=back")
            return answers.see_other(request, "unsubscribe", token, query="done=told")
    return answers.see_other(request, "unsubscribe", token)


@read_only
def how_to_leave(request: HttpRequest) -> HttpResponse:
    """Tell someone who reads a letter on the web how to leave or choose: the link that knows them is in their own mail."""
    return answers.page(request, "how_to_leave", {"shown": traps.stamp()})


@never_cache
@csrf_exempt
@read_and_post
def send_link(request: HttpRequest) -> HttpResponse:
    """Send somebody their own link again. The answer is the same for every address."""
    if request.method != "POST":
        return answers.page(request, "send_link", {"form": AddressForm()})
    form = AddressForm(request.POST)
    context: dict[str, Any] = {"form": form}
    if caught := form.caught(timed=False):
        return answers.page(request, "send_link", {**context, "caught": caught}, status=422)
    if not form.is_valid():
        return answers.page(request, "send_link", context, status=422)
    try:
        ask_for_link(form.cleaned_data["address"], network=visitors.network(request))
    except TooManyError as problem:
        context["too_many"] = {"minutes": max(1, problem.retry_after // 60)}
        answer = answers.page(request, "send_link", context, status=429)
        answer["Retry-After"] = str(problem.retry_after)
        return answer
    return answers.see_other(request, "link-asked")


@read_only
@never_cache
def link_asked(request: HttpRequest) -> HttpResponse:
    """Say where to look for the link."""
    return answers.page(request, "link_asked", {"is_late": is_late()})
