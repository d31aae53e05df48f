"""Pages for what went wrong, in words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from mailer.public import answers


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page."""
    return answers.page(request, "not_found", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours. Asks nothing of the database, which may be what failed."""
    return answers.page(request, "failed", status=500)
