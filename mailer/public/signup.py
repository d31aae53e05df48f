"""Joining: the front page and its form, the form on other people's pages, and "look into your inbox"."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from mailer.public import answers, policy, traps, visitors
from mailer.public.forms import SignupForm, interest_choices
from mailer.public.methods import read_and_post, read_only
from mailer.results.letters import latest_letter
from mailer.sending.letterhead import configured_theme
from mailer.transactional.delivery import is_late
from subscribers import consent_words
from subscribers.limits import TooManyError
from subscribers.signup import Asked, SignupError, ask_to_subscribe
from subscribers.typos import suggest

_FRAMED = {"Content-Security-Policy": policy.FRAMED}


@never_cache
# There is no session that a foreign page could abuse: whoever posts here could as well type the address on our page.
@csrf_exempt
@read_and_post
def front(request: HttpRequest) -> HttpResponse:
    """Show whose letter this is with the form to get it, and take what was filled in."""
    if request.method == "POST":
        return _take(request, "page", "front")
    return _show(request, "front", SignupForm())


@never_cache
@xframe_options_exempt
@csrf_exempt
@read_and_post
def framed(request: HttpRequest) -> HttpResponse:
    """The form alone, which any page may put into a frame of its own."""
    if request.method == "POST":
        return _take(request, "frame", "framed")
    return _show(request, "framed", SignupForm())


@never_cache
@csrf_exempt
@read_and_post
def embedded(request: HttpRequest) -> HttpResponse:
    """Take what was filled into a form that stands on somebody else's page. Whoever comes without one is shown ours."""
    if request.method == "POST":
        return _take(request, "embedded", "front")
    return answers.see_other(request, "front")


def _take(request: HttpRequest, door: str, template: str) -> HttpResponse:
    form = SignupForm(request.POST)
    # A form on another page can't have a stamp of ours, but may bring one.
    timed = door != "embedded" or bool(request.POST.get("shown"))
    if caught := form.caught(timed=timed):
        return _show(request, template, form, {"caught": caught}, status=422)
    if not form.is_valid():
        return _show(request, template, form, status=422)
    address = form.cleaned_data["address"]
    if form.cleaned_data["asked_about"] != address and (better := suggest(address)):
        return _show(request, template, form, {"better": better}, status=422)
    try:
        ask_to_subscribe(_asked(request, door, form.cleaned_data))
    except SignupError:
        form.add_error("interests", gettext("One of these subjects is no more. Choose anew."))
        return _show(request, template, form, status=422)
    except TooManyError as problem:
        return _too_many(request, template, form, problem)
    return answers.see_other(request, "framed-asked" if door == "frame" else "asked")


def _asked(request: HttpRequest, door: str, filled: dict[str, Any]) -> Asked:
    return Asked(
        address=filled["address"],
        name=filled["name"],
        language=filled["language"] or answers.spoken_language(request),
        interests=filled["interests"],
        form=door,
        network=visitors.network(request),
        edition=filled["words"],
        organisation=configured_theme().sender.name,
    )


def _too_many(request: HttpRequest, template: str, form: SignupForm, problem: TooManyError) -> HttpResponse:
    minutes = {"minutes": max(1, problem.retry_after // 60)}
    answer = _show(request, template, form, {"too_many": minutes}, status=429)
    answer["Retry-After"] = str(problem.retry_after)
    return answer


def _show(
    request: HttpRequest, template: str, form: SignupForm, more: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    language = answers.spoken_language(request)
    organisation = configured_theme().sender.name
    ticked = form.fields["interests"].clean((form.data if form.is_bound else request.GET).getlist("interests"))  # type: ignore[union-attr]
    given = form.data.get("shown", "")
    context = {
        "form": form,
        "interests": interest_choices(language, ticked),
        "language": form.fields["language"].clean(form.data.get("language")) or language,
        "consent": consent_words.words(consent_words.CURRENT, language, organisation),
        "edition": consent_words.CURRENT,
        # Who puts a slip right may be quick about it.
        "shown": given if traps.is_in_time(given) else traps.stamp(),
        "letter_url": latest_letter(language) if template == "front" else None,
        **(more or {}),
    }
    return answers.page(request, template, context, status=status, headers=_FRAMED if template == "framed" else None)


@read_only
@never_cache
def asked(request: HttpRequest) -> HttpResponse:
    """Say where to look now. The same for every address, known to us or not."""
    return answers.page(request, "asked", {"is_late": is_late()})


@read_only
@never_cache
@xframe_options_exempt
def framed_asked(request: HttpRequest) -> HttpResponse:
    """The same, in a frame."""
    return answers.page(request, "framed_asked", {"is_late": is_late()}, headers=_FRAMED)
