"""A reader's own choices, by the link in their mail: what about, in which language, where to, and when not.

Nothing here is behind a sign-in: the token in the address is what allows it. It shows no address in full, and a new one is used only
when its owner says yes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mailer.public import answers, visitors
from mailer.public.forms import AddressForm, PreferencesForm, interest_choices, pauses
from subscribers import preferences
from subscribers.addresses import shorten
from subscribers.limits import TooManyError
from subscribers.models import Interest, Subscriber
from subscribers.moving import ask_to_move
from subscribers.signup import SignupError
from subscribers.tokens import Holder, TokenError, make_token, read_token

View = Callable[..., HttpResponse]


def for_reader(view: View) -> View:
    """Give a view the person whose link it is, who gets the letter; answer everyone else with what there is for them."""

    @never_cache
    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answer(request: HttpRequest, token: str, **named: str) -> HttpResponse:
        try:
            holder = read_token("preferences", token)
        except TokenError:
            return answers.link_broken(request)
        person = Subscriber.objects.filter(pk=holder.subscriber_id).first()
        if person is None or person.status in {Subscriber.Status.ERASED, Subscriber.Status.PENDING}:
            return answers.link_broken(request)
        if person.status != Subscriber.Status.ACTIVE:
            return answers.see_other(request, "unsubscribe", make_token("unsubscribe", holder))
        with translation.override(answers.chosen_language(request) or person.language):
            return view(request, token, person, **named)

    return answer


@for_reader
def choices(request: HttpRequest, token: str, person: Subscriber) -> HttpResponse:
    """Show what a person has chosen, and take what they choose."""
    if request.method != "POST":
        return _show(request, token, person, status=200)
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return _show(request, token, person, form=form)
    chosen = preferences.Choices(**form.cleaned_data)
    try:
        preferences.choose(person.pk, chosen, source="page", network=visitors.network(request))
    except SignupError:
        form.add_error("interests", gettext("One of these subjects is no more. Choose anew."))
        return _show(request, token, person, form=form)
    except preferences.NotOnTheListError:
        return answers.see_other(request, "unsubscribe", make_token("unsubscribe", Holder(person.pk)))
    return answers.see_other(request, "preferences", token, query="done=saved")


def _show(
    request: HttpRequest, token: str, person: Subscriber, *, form: PreferencesForm | None = None, status: int = 422
) -> HttpResponse:
    if form is None:
        ticked = [interest.slug for interest in person.interests.all()]
        language, until = person.language, person.paused_until
    else:
        ticked = form.data.getlist("interests")  # type: ignore[attr-defined]
        language, until = form.data.get("language", person.language), person.paused_until
    spoken = answers.chosen_language(request) or person.language
    context = {
        "form": form or PreferencesForm(),
        "address": shorten(person.address),
        "first_name": person.name.partition(" ")[0],
        "interests": interest_choices(spoken, ticked),
        "language": language,
        "pauses": pauses(until),
        "paused_until": until,
        "done": request.GET.get("done", ""),
        "token": token,
        "leave": make_token("unsubscribe", Holder(person.pk)),
    }
    return answers.page(
        request, "preferences", context, language=person.language, status=status, headers=answers.PRIVATE
    )


@for_reader
def other_address(request: HttpRequest, token: str, person: Subscriber) -> HttpResponse:
    """Ask where the letter should go instead, and write there."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "address": shorten(person.address), "token": token}
    if request.method == "POST" and form.is_valid():
        try:
            ask_to_move(person.pk, form.cleaned_data["address"], network=visitors.network(request))
        except TooManyError as problem:
            context["too_many"] = {"minutes": max(1, problem.retry_after // 60)}
        else:
            return answers.see_other(request, "preferences", token, query="done=asked")
    status = 200 if request.method != "POST" else 429 if "too_many" in context else 422
    return answers.page(
        request, "other_address", context, language=person.language, status=status, headers=answers.PRIVATE
    )


@for_reader
def more(request: HttpRequest, token: str, person: Subscriber, slug: str) -> HttpResponse:
    """More of an interest, from the link under a section."""
    return _change(request, token, person, slug, "more")


@for_reader
def less(request: HttpRequest, token: str, person: Subscriber, slug: str) -> HttpResponse:
    """Less of an interest, from the link under a section."""
    return _change(request, token, person, slug, "less")


def _change(request: HttpRequest, token: str, person: Subscriber, slug: str, which: str) -> HttpResponse:
    """GET shows one button and POST does it: a scanner that opens every link must neither add nor take away anything."""
    interest = Interest.objects.filter(slug=slug).first()
    if interest is None:
        return answers.see_other(request, "preferences", token)
    act = preferences.follow if which == "more" else preferences.unfollow
    if request.method == "POST":
        try:
            act(person.pk, slug, source="page", network=visitors.network(request))
        except preferences.LastInterestError:
            return answers.see_other(request, "preferences", token, query="done=last")
        except preferences.NotOnTheListError:
            return answers.see_other(request, "unsubscribe", make_token("unsubscribe", Holder(person.pk)))
        return answers.see_other(request, "preferences", token, query="done=saved")
    spoken = answers.chosen_language(request) or person.language
    followed = {one.slug for one in person.interests.all()}
    context = {
        "address": shorten(person.address),
        "interest": interest.names.get(spoken) or interest.name_nb,
        "which": which,
        "gets_everything": not followed,
        "follows": slug in followed,
        "token": token,
    }
    return answers.page(request, "more_or_less", context, language=person.language, headers=answers.PRIVATE)


@for_reader
def stay(request: HttpRequest, token: str, person: Subscriber) -> HttpResponse:
    """The answer to "do you still want this?": one button says yes."""
    if request.method == "POST":
        preferences.stay(person.pk, source="page", network=visitors.network(request))
        return answers.see_other(request, "preferences", token, query="done=stays")
    context = {"address": shorten(person.address), "leave": make_token("unsubscribe", Holder(person.pk))}
    return answers.page(request, "stay", context, language=person.language, headers=answers.PRIVATE)
