"""The pictures of letters. Their addresses never change what they show, so whoever fetched one needs never ask again."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from mailer.models import Image

_NAME = re.compile(r"([0-9a-f]{12})-([1-9]\d{0,4})x([1-9]\d{0,4})\.(jpg|png)")
_A_YEAR = 31_536_000  # in seconds


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show a picture that was taken in (RFC 8246: `immutable` says that nobody need ask whether it changed)."""
    image = _find(name)
    if image is None:
        raise Http404
    etag = f'"{image.digest}"'
    answer = HttpResponse(
        bytes(image.content),
        content_type=Image.MEDIA_TYPES[image.format],
        headers={
            "Cache-Control": f"public, max-age={_A_YEAR}, immutable",
            "ETag": etag,
            # Mail programs on the web may show it inside pages that refuse what doesn't say so.
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
    )
    return get_conditional_response(request, etag=etag, response=answer) or answer


def _find(name: str) -> Image | None:
    parts = _NAME.fullmatch(name)
    if parts is None:
        return None
    digits, width, height, ending = parts.groups()
    return Image.objects.filter(digest__startswith=digits, width=int(width), height=int(height), format=ending).first()
