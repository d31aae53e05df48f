"""The addresses, on our own site, that stand in a letter."""

from __future__ import annotations

from django.conf import settings

from mailer.models import Variant
from subscribers.tokens import Holder, make_token


def unsubscribe_url(token: str) -> str:
    """Return where a reader leaves the list: a page by GET, done by POST (RFC 8058)."""
    return f"{settings.SITE_URL}/u/{token}"


def web_url(variant: Variant) -> str:
    """Return where this variant can be read in a browser. It names no reader, so it can be passed on."""
    token = make_token("web", Holder(subscriber_id=variant.pk, campaign_id=variant.campaign_id))
    return f"{settings.SITE_URL}/w/{token}"
