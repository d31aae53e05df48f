"""A reader's own choices, by the link in their mail: what about, in which language, where to, and when not.

Nothing here is behind a sign-in: the token in the address is what allows it, and whoever was passed a letter on has it too. So it shows
no address in full, and another one is used only when the owners of both say yes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from mailer.public import answers, visitors
from mailer.public.forms import AddressForm, PreferencesForm, interest_choices, pauses, shown_of
from mailer.public.methods import read_and_post
from mailer.transactional.moving import AskedLatelyError, ask_to_move
from subscribers import preferences
from subscribers.addresses import shorten
from subscribers.limits import TooManyError
from subscribers.models import ConsentEvent, Interest, Subscriber
from subscribers.signup import SignupError
from subscribers.tokens import Holder, TokenError, make_token, read_token

View = Callable[..., HttpResponse]


def for_reader(view: View) -> View:
    """Give a view the person whose link it is, who gets the letter; answer everyone else with what there is for them."""

    @never_cache
    @csrf_exempt
    @read_and_post
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
    try:
        preferences.choose(person.pk, form.choices_of(person), source="page", network=visitors.network(request))
    except SignupError:
        form.add_error("interests", gettext("One of these subjects is no more. Choose anew."))
        return _show(request, token, person, form=form)
    except preferences.NotOnTheListError:
        return answers.see_other(request, "unsubscribe", make_token("unsubscribe", Holder(person.pk)))
    return answers.see_other(request, "preferences", token, query="done=saved")


def _show(
    request: HttpRequest, token: str, person: Subscriber, *, form: PreferencesForm | None = None, status: int = 422
) -> HttpResponse:
    shown = shown_of(person)
    had = {"interests": ",".join(shown.interests), "language": shown.language, "pause": _day(shown.paused_until)}
    ticked, language = shown.interests, shown.language
    if form is not None:
        ticked = form.fields["interests"].clean(form.data.getlist("interests"))  # type: ignore[attr-defined]
        language = form.fields["language"].clean(form.data.get("language")) or language
        # What they saw at first, so that only what they change themselves counts.
        had = {name: form.data.get(f"had_{name}", seen) for name, seen in had.items()}
    spoken = answers.chosen_language(request) or person.language
    context = {
        "form": form or PreferencesForm(),
        "address": shorten(person.address),
        "first_name": person.name.partition(" ")[0],
        "interests": interest_choices(spoken, ticked),
        "language": language,
        "pauses": pauses(shown.paused_until),
        "paused_until": shown.paused_until,
        "had": had,
        "came": _came(person),
        "done": request.GET.get("done", ""),
        "token": token,
        "leave": make_token("unsubscribe", Holder(person.pk)),
    }
    return answers.page(
        request, "preferences", context, language=person.language, status=status, headers=answers.PRIVATE
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _came(person: Subscriber) -> dict[str, Any] | None:
    """Return how a person came onto the list, the last time: by their own yes, or by an editor's word for it."""
    ways = Q(kind=ConsentEvent.Kind.ADDED) | Q(kind=ConsentEvent.Kind.CONFIRMED, detail__has_key="asked")
    event = person.consent_events.filter(ways).order_by("pk").last()
    return {"confirmed": event.kind == ConsentEvent.Kind.CONFIRMED, "day": event.at} if event else None


@for_reader
def other_address(request: HttpRequest, token: str, person: Subscriber) -> HttpResponse:
    """Ask where the letter should go instead, and write to where it goes now: see `mailer.transactional.moving`."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "address": shorten(person.address), "token": token}
    context["leave"] = make_token("unsubscribe", Holder(person.pk))
    if request.method == "POST" and form.is_valid():
        try:
            ask_to_move(person, form.cleaned_data["address"], network=visitors.network(request))
        except AskedLatelyError:
            context["asked_lately"] = True
        except TooManyError as problem:
            context["too_many"] = {"minutes": max(1, problem.retry_after // 60)}
        except preferences.NotOnTheListError:
            return answers.see_other(request, "unsubscribe", context["leave"])
        else:
            return answers.see_other(request, "preferences", token, query="done=asked")
    too_often = "too_many" in context or "asked_lately" in context
    status = 200 if request.method != "POST" else 429 if too_often else 422
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
        except SignupError:
            # It was taken away in this moment.
            return answers.see_other(request, "preferences", token)
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
        try:
            preferences.stay(person.pk, source="page", network=visitors.network(request))
        except preferences.NotOnTheListError:
            return answers.see_other(request, "unsubscribe", make_token("unsubscribe", Holder(person.pk)))
        return answers.see_other(request, "preferences", token, query="done=stays")
    context = {"address": shorten(person.address), "leave": make_token("unsubscribe", Holder(person.pk))}
    return answers.page(request, "stay", context, language=person.language, headers=answers.PRIVATE)
