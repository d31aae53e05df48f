"""The events of letters, for a reader's calendar."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mailer.models import CalendarEntry
from mailer.parsing.cards import CardError
from mailer.sending.calendar import to_ics

_NAME = re.compile(r"([0-9a-f]{24})\.ics")


@require_safe
@cache_control(public=True, max_age=86400)
def entry(request: HttpRequest, name: str) -> HttpResponse:
    """Hand out an event as an iCalendar file. The address names no reader, so it can be passed on."""
    digest = _NAME.fullmatch(name)
    kept = CalendarEntry.objects.filter(digest=digest[1]).first() if digest else None
    if kept is None:
        raise Http404
    try:
        content = to_ics(kept)
    except CardError:
        raise Http404 from None
    file = f"{slugify(kept.event.title)[:60] or 'event'}.ics"
    headers = {
        # Not an attachment: a telephone offers at once to put the event into its calendar.
        "Content-Disposition": content_disposition_header(as_attachment=False, filename=file) or "inline",
        "X-Robots-Tag": "noindex",
    }
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
