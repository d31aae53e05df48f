"""The Content-Security-Policy of our pages: nothing but our own stylesheets and pictures, and forms that post to ourselves."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PAGES = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The one page that others may put into a frame: the form to join, which asks for nothing that they could not ask for themselves.
FRAMED = PAGES.replace("frame-ancestors 'none'", "frame-ancestors *")
# A letter carries its own styles, as mail programs want them, and the pictures that its author linked to; no script, no form.
LETTER = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: http:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


class ContentSecurityPolicy:
    """Put the pages' policy on each answer that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the policy."""
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", PAGES)
        return response
