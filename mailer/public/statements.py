"""What we owe every visitor in writing: what becomes of their address, and whether everybody can use these pages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control

from mailer.public import answers
from mailer.public.methods import read_only
from subscribers.signup import CONFIRM_WITHIN


@read_only
@cache_control(public=True, max_age=600)
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy statement (GDPR article 13). It promises only what the settings keep."""
    context = {
        "days": CONFIRM_WITHIN // 86400,
        "is_tracked": settings.TRACKING,
    }
    return answers.page(request, "privacy", context)


@read_only
@cache_control(public=True, max_age=600)
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement, kept true by the tests that look at every page."""
    return answers.page(request, "accessibility")
