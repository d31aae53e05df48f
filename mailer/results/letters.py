"""Letters as they were sent, to be read in a browser."""

from __future__ import annotations

from django.conf import settings

from mailer.models import Campaign, Variant
from mailer.rendering.slots import fill
from mailer.sending.links import web_url

_SENT = [Campaign.Status.SENDING, Campaign.Status.PAUSED, Campaign.Status.SENT]


def web_edition(*, variant_id: int, campaign_id: int) -> str | None:
    """Return a variant's HTML with no reader's token in it, or None when it is not there any more."""
    variant = Variant.objects.filter(pk=variant_id, campaign_id=campaign_id, campaign__status__in=_SENT).first()
    if variant is None:
        return None
    values = {"UNSUBSCRIBE_URL": f"{settings.SITE_URL}/u/", "WEB_URL": web_url(variant)}
    return fill(variant.html, values, escape=True)


def latest_letter() -> str | None:
    """Return the address of the last letter sent, as the readers with the most sections saw it, or None when none was sent."""
    campaign = Campaign.objects.filter(status__in=_SENT).order_by("-launched_at").first()
    if campaign is None:
        return None
    variants = list(campaign.variants.all())
    return web_url(max(variants, key=lambda variant: len(variant.sections))) if variants else None
