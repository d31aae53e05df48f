"""The yes from the mailbox: to a sign-up, to leaving an address, to a new one.

GET shows one button, since link scanners open every link; POST is the yes.

A link that was used before, or that something newer has overtaken, leads to a page that says what is so now. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from mailer.public import answers, visitors
from mailer.public.forms import interest_choices, pause_of
from mailer.public.methods import read_and_post
from mailer.transactional.moving import agree, open_change
from subscribers.addresses import shorten
from subscribers.models import AddressChange, ConsentEvent, Subscriber
from subscribers.moving import move, wanted_move
from subscribers.signup import StaleLinkError, asked_for, confirm
from subscribers.tokens import Holder, TokenError, make_token, read_expiring_token

View = Callable[[HttpRequest, int, int], HttpResponse]


def _from_the_mailbox(purpose: str) -> Callable[[View], Callable[[HttpRequest, str], HttpResponse]]:
    """A page behind a link that stood in a mail: the view gets the subscriber's id and the number of what is agreed to."""

    def decorate(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
        @never_cache
        @csrf_exempt
        @read_and_post
        @wraps(view)
        def answer(request: HttpRequest, token: str) -> HttpResponse:
            try:
                subscriber_id, number = read_expiring_token(purpose, token)
            except TokenError:
                return answers.link_broken(request)
            return view(request, subscriber_id, number)

        return answer

    return decorate


@_from_the_mailbox("confirm")
def signup(request: HttpRequest, subscriber_id: int, asked_event: int) -> HttpResponse:
    """Show what is confirmed, and on POST confirm it."""
    try:
        if request.method == "POST":
            return _member(request, confirm(subscriber_id, asked_event, network=visitors.network(request)))
        person, asked = asked_for(subscriber_id, asked_event)
    except StaleLinkError:
        return _standing(request, subscriber_id)
    if person.status == Subscriber.Status.ACTIVE:
        return _member(request, person)
    return _ask(request, person, asked)


def _ask(request: HttpRequest, person: Subscriber, asked: ConsentEvent) -> HttpResponse:
    language = asked.detail["language"]
    spoken = answers.chosen_language(request) or language
    chosen = [choice for choice in interest_choices(spoken, asked.detail["interests"]) if choice["ticked"]]
    context = {"address": shorten(person.address), "chosen": chosen, "name": asked.detail.get("name", "")}
    return answers.page(request, "confirm", context, language=language, headers=answers.PRIVATE)


def _member(request: HttpRequest, person: Subscriber) -> HttpResponse:
    return _own(request, "confirmed", person, {"paused_until": pause_of(person)})


def _own(
    request: HttpRequest, template: str, person: Subscriber, more: dict[str, object] | None = None
) -> HttpResponse:
    """A page for somebody who reads the mail at a person's address, and so may have that person's own link."""
    preferences = make_token("preferences", Holder(person.pk))
    context = {"address": shorten(person.address), "token": preferences, **(more or {})}
    return answers.page(request, template, context, language=person.language, headers=answers.PRIVATE)


def _standing(request: HttpRequest, subscriber_id: int) -> HttpResponse:
    """What is so now, for whoever once asked for the letter."""
    person = Subscriber.objects.filter(pk=subscriber_id).first()
    if person is None or person.status in {Subscriber.Status.PENDING, Subscriber.Status.ERASED}:
        return answers.link_broken(request)
    if person.status == Subscriber.Status.ACTIVE:
        return _member(request, person)
    return answers.see_other(request, "unsubscribe", make_token("unsubscribe", Holder(person.pk)))


@_from_the_mailbox("agree")
def leaving_address(request: HttpRequest, subscriber_id: int, change_id: int) -> HttpResponse:
    """Show, to whoever reads the mail at the present address, where the letter would go; on POST write there."""
    try:
        act = agree if request.method == "POST" else open_change
        change = act(subscriber_id, change_id)
    except StaleLinkError:
        return _moved_or_not(request, subscriber_id, change_id)
    person = change.subscriber
    # In full: they decide about it, and only the mail to the present address leads here.
    context = {"address": shorten(person.address), "new_address": change.address}
    template = "agreed" if request.method == "POST" else "agree"
    return answers.page(request, template, context, language=person.language, headers=answers.PRIVATE)


@_from_the_mailbox("address")
def address(request: HttpRequest, subscriber_id: int, change_id: int) -> HttpResponse:
    """Show where the letter is to go, and on POST send it there from now on."""
    try:
        if request.method == "POST":
            return _own(request, "moved", move(subscriber_id, change_id, network=visitors.network(request)))
        change = wanted_move(subscriber_id, change_id)
    except StaleLinkError:
        return _moved_or_not(request, subscriber_id, change_id)
    if change.confirmed_at is not None:
        return _own(request, "moved", change.subscriber)
    context = {"address": shorten(change.address)}
    return answers.page(request, "move", context, language=change.subscriber.language, headers=answers.PRIVATE)


def _moved_or_not(request: HttpRequest, subscriber_id: int, change_id: int) -> HttpResponse:
    """What is so now, for a change of address that can't be made any more.

    Names no address and gives no link: whoever holds an older link may have nothing to do with where the letter goes today.
    """
    change = (
        AddressChange.objects.select_related("subscriber").filter(pk=change_id, subscriber_id=subscriber_id).first()
    )
    if change is None:
        return answers.link_broken(request)
    is_member = change.subscriber.status == Subscriber.Status.ACTIVE
    context = {"has_left": not is_member, "was_made": change.confirmed_at is not None}
    return answers.page(request, "overtaken", context, language=change.subscriber.language, headers=answers.PRIVATE)
