"""Letters on the web: all that were sent to everybody, and one of them as its readers got it."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control

from mailer.public import answers
from mailer.public.methods import read_only
from mailer.public.policy import LETTER
from mailer.rendering.words import language_for, load_words
from mailer.results.archive import MOST, Edition, past_letters
from mailer.results.letters import web_edition
from mailer.sending.letterhead import configured_theme
from subscribers.models import Interest
from subscribers.tokens import TokenError, read_token

_NUMBER = re.compile("[0-9]{1,18}")


@read_only
@cache_control(public=True, max_age=300)
def archive(request: HttpRequest) -> HttpResponse:
    """List the letters of the past, each with the versions in which it went out."""
    language = answers.spoken_language(request)
    before = request.GET.get("before", "")
    letters = past_letters(language, before=int(before) if _NUMBER.fullmatch(before) else None)
    interests = list(Interest.objects.all())
    names = {interest.slug: interest.names.get(language) or interest.name_nb for interest in interests}
    rows = [
        {"letter": letter, "first": letter.editions[0], "others": _labelled(letter.editions[1:], names, language)}
        for letter in letters
    ]
    context = {
        "rows": rows,
        "older": letters[-1].number if len(letters) == MOST else None,
        "feeds": [(interest.slug, names[interest.slug]) for interest in interests],
    }
    return answers.page(request, "archive", context)


def _labelled(editions: Any, names: dict[str, str], language: str) -> list[tuple[str, Edition]]:
    words = load_words(language_for(language), configured_theme().folders)
    labelled = []
    for edition in editions:
        known = [names[slug] for slug in edition.interests if slug in names]
        labelled.append((words.enumeration(known) or gettext("everyone"), edition))
    return labelled


@read_only
@cache_control(public=True, max_age=600)
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """Show a letter as it was sent, without anything that belongs to one reader."""
    try:
        holder = read_token("web", token)
    except TokenError:
        return answers.link_broken(request)
    edition = web_edition(variant_id=holder.subscriber_id, campaign_id=holder.campaign_id)
    if edition is None:
        return answers.page(request, "letter_gone", status=410, headers=answers.PRIVATE)
    headers = {**answers.PRIVATE, "Content-Security-Policy": LETTER, "Content-Language": edition.language}
    return HttpResponse(edition.html, headers=headers)
