"""Pages for what went wrong, in words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page."""
    return render(request, "public/not_found.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Say that the fault is ours. Asks nothing of the database, which may be what failed."""
    return render(request, "public/failed.html", status=500)
