"""Letters as they were sent, to be read in a browser."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from mailer.models import Campaign, Variant
from mailer.rendering import web_edition as page
from mailer.sending.letterhead import greet
from mailer.sending.links import web_url
from subscribers.audiences import Audience

# Campaigns, the newest first, among which the last letter to the whole list is looked for.
_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class WebEdition:
    """A letter with no reader's token in it. `language` is the one its author wrote in."""

    html: str
    language: str


def web_edition(*, variant_id: int, campaign_id: int) -> WebEdition | None:
    """Return a variant as a page, or None when it is not there any more.

    The state of the campaign doesn't matter: who got the letter before the rest was cancelled can still open it.
    """
    variant = Variant.objects.defer("text", "compiled").filter(pk=variant_id, campaign_id=campaign_id).first()
    if variant is None:
        return None
    # The page leaves out what is a mail's alone; but an organisation's own template may have put it anywhere.
    values = {
        "GREETING": greet("", variant.language),
        "RECIPIENT_NAME": "",
        # Both lead to the page that sends readers their own link: this one may be open to anybody.
        "UNSUBSCRIBE_URL": f"{settings.SITE_URL}/u/",
        "PREFERENCES_URL": f"{settings.SITE_URL}/u/",
        "WEB_URL": web_url(variant),
    }
    return WebEdition(html=page.web_edition(variant.html, values), language=variant.content_language)


def latest_letter(language: str) -> str | None:
    """Return the address of the last letter that was sent to the whole list, or None when none was.

    It is the variant with the most sections among those in this language, or in any if there is none. A campaign to a part of the
    list may be a trial, and one that is paused or cancelled a mistake: neither belongs on a page that everybody sees.
    """
    shown = Campaign.objects.filter(status__in=[Campaign.Status.SENDING, Campaign.Status.SENT]).order_by("-launched_at")
    campaign = next((campaign for campaign in shown[:_LOOKED_AT] if campaign.audience == Audience()), None)
    if campaign is None:
        return None
    variants = campaign.variants.only("campaign_id", "language", "sections")
    best = max(variants, key=lambda variant: (variant.language == language, len(variant.sections)), default=None)
    return web_url(best) if best else None
