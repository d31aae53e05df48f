"""The yes from the mailbox: to a sign-up, to a new address. GET shows one button, since link scanners open every link; POST is the yes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mailer.public import answers, visitors
from mailer.public.forms import interest_choices
from subscribers.addresses import shorten
from subscribers.moving import move, wanted_move
from subscribers.signup import StaleLinkError, asked_for, confirm
from subscribers.tokens import Holder, TokenError, make_token, read_expiring_token


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is confirmed, and on POST confirm it."""
    try:
        subscriber_id, asked_event = read_expiring_token("confirm", token)
        if request.method == "POST":
            person = confirm(subscriber_id, asked_event, network=visitors.network(request))
            preferences = make_token("preferences", Holder(person.pk))
            done = {"address": shorten(person.address), "token": preferences}
            return answers.page(request, "confirmed", done, language=person.language, headers=answers.PRIVATE)
        person, asked = asked_for(subscriber_id, asked_event)
    except (TokenError, StaleLinkError):
        return answers.link_broken(request)
    language = asked.detail["language"]
    spoken = answers.chosen_language(request) or language
    chosen = [choice for choice in interest_choices(spoken, asked.detail["interests"]) if choice["ticked"]]
    context = {"address": shorten(person.address), "chosen": chosen, "name": asked.detail.get("name", "")}
    return answers.page(request, "confirm", context, language=language, headers=answers.PRIVATE)


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, token: str) -> HttpResponse:
    """Show where the letter is to go, and on POST send it there from now on."""
    try:
        subscriber_id, change_id = read_expiring_token("address", token)
        if request.method == "POST":
            person = move(subscriber_id, change_id, network=visitors.network(request))
            done = {"address": shorten(person.address), "token": make_token("preferences", Holder(person.pk))}
            return answers.page(request, "moved", done, language=person.language, headers=answers.PRIVATE)
        change = wanted_move(subscriber_id, change_id)
    except (TokenError, StaleLinkError):
        return answers.link_broken(request)
    context = {"address": shorten(change.address)}
    return answers.page(request, "move", context, language=change.subscriber.language, headers=answers.PRIVATE)
