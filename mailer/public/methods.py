"""What may be done to a page: reading, or reading and posting. Anything else is answered with a page as well."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from mailer.public import answers

View = Callable[..., HttpResponse]


def _only(*methods: str) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: object, **named: object) -> HttpResponse:
            if request.method in methods:
                return view(request, *args, **named)
            # RFC 9110, 15.5.6: what could have been done instead.
            return answers.page(request, "not_done_here", status=405, headers={"Allow": ", ".join(methods)})

        return answer

    return decorate


def read_only(view: View) -> View:
    """Let a view be read. Whoever posts is told that nothing is done here, and not that their form is too old."""
    return csrf_exempt(_only("GET", "HEAD")(view))


read_and_post = _only("GET", "HEAD", "POST")
