"""Our sign-up form as HTML that other people put onto their pages."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from mailer.sending.letterhead import configured_theme
from subscribers import consent_words
from subscribers.models import Interest
from subscribers.signup import check_language, interests_named


def form_html(slugs: tuple[str, ...], language: str) -> str:
    """Return a plain form, with these interests or all, that posts to us from anywhere. Raises SignupError."""
    check_language(language)
    offered = interests_named(slugs) if slugs else list(Interest.objects.all())
    organisation = configured_theme().sender.name
    context = {
        "action": f"{settings.SITE_URL}{reverse('signup')}?{urlencode({'lang': language})}",
        "interests": [(interest.slug, interest.names[language]) for interest in offered],
        "language": language,
        "edition": consent_words.CURRENT,
        "consent": consent_words.words(consent_words.CURRENT, language, organisation),
        "privacy": f"{settings.SITE_URL}{reverse('privacy')}?{urlencode({'lang': language})}",
    }
    with translation.override(language):
        return render_to_string("public/embed_form.html", context)


def frame_html(slugs: tuple[str, ...], language: str) -> str:
    """Return a frame with our form in it, with these interests ticked. Raises SignupError."""
    check_language(language)
    ticked = [("interests", interest.slug) for interest in interests_named(slugs)]
    context = {
        "source": f"{settings.SITE_URL}{reverse('framed')}?{urlencode([('lang', language), *ticked])}",
        "organisation": configured_theme().sender.name,
    }
    with translation.override(language):
        return render_to_string("public/embed_frame.html", context)
