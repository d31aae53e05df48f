"""The addresses of the pages that a mail to one person leads to, each with a token that is worth nothing for another page."""

from __future__ import annotations

from django.conf import settings

from subscribers.moving import MOVE_WITHIN
from subscribers.signup import CONFIRM_WITHIN
from subscribers.tokens import Holder, make_expiring_token, make_token


def confirm_url(subscriber_id: int, asked_event: int) -> str:
    """Return where a sign-up is confirmed; works for as long as a pending person is kept."""
    token = make_expiring_token("confirm", subscriber_id, asked_event, seconds=CONFIRM_WITHIN)
    return f"{settings.SITE_URL}/confirm/{token}"


def agree_url(subscriber_id: int, change_id: int) -> str:
    """Return where the present address lets a new one be asked."""
    token = make_expiring_token("agree", subscriber_id, change_id, seconds=MOVE_WITHIN)
    return f"{settings.SITE_URL}/agree/{token}"


def move_url(subscriber_id: int, change_id: int) -> str:
    """Return where a new address is confirmed."""
    token = make_expiring_token("address", subscriber_id, change_id, seconds=MOVE_WITHIN)
    return f"{settings.SITE_URL}/address/{token}"


def preferences_url(subscriber_id: int, campaign_id: int = 0) -> str:
    """Return where a person chooses. It never stops working: it opens no more than the letter that it stands in tells."""
    return f"{settings.SITE_URL}/p/{make_token('preferences', Holder(subscriber_id, campaign_id))}"


def stay_url(subscriber_id: int) -> str:
    """Return where a person who was asked says that they still want the letter."""
    return f"{preferences_url(subscriber_id)}/stay"


def unsubscribe_token(subscriber_id: int) -> str:
    """Return the token for leaving from a mail of no campaign."""
    return make_token("unsubscribe", Holder(subscriber_id))
