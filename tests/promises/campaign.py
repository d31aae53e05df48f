"""A campaign under way, for the tests of promises."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

from django.utils import timezone

from mailer.models import Batch, Campaign
from mailer.sending.headers import Mailbox
from mailer.sending.launch import create_campaign, launch
from mailer.sending.materialise import make_all_rows
from mailer.sending.planning import Canary, Order
from subscribers.audiences import Audience
from tests.factories import SubscriberFactory, make_issue


def launched(recipients: int, canary: Canary | None = None, *, made: bool = True) -> Campaign:
    """A campaign launched to so many readers who follow nothing, with its rows unless they are not to be `made`."""
    issue = make_issue()
    SubscriberFactory.create_batch(recipients)
    campaign = create_campaign(
        Order(issue, Audience(), Mailbox("SVU", "brev@example.org"), by="torill", canary=canary, again=True)
    )
    launch(campaign.pk, by="torill")
    if made:
        make_all_rows(campaign.pk)
    return Campaign.objects.get(pk=campaign.pk)


def cut_short(campaign: Campaign) -> None:
    """What a launch leaves that was cut short: its claim, and nothing of its transaction."""
    campaign.deliveries.all().delete()
    campaign.batches.all().delete()
    campaign.variants.all().delete()
    campaign.transitions.filter(to_status=Campaign.Status.SENDING).delete()
    Campaign.objects.filter(pk=campaign.pk).update(status=Campaign.Status.LAUNCHING, launched_at=None, recipients=0)


def wait_until_sent(campaign: Campaign, seconds: float = 30.0) -> None:
    """Sweep, as beat does, until the campaign has ended."""
    from mailer.sending.sweep import sweep_all

    end = time.monotonic() + seconds
    while campaign.status != Campaign.Status.SENT:
        assert time.monotonic() < end, (
            f"{campaign.status}, {Counter(campaign.deliveries.values_list('status', flat=True))}"
        )
        sweep_all()
        time.sleep(0.1)
        campaign.refresh_from_db()


def end_leases() -> None:
    """What time would do: the leases of dead workers ran out long ago, and held batches come due."""
    Batch.objects.filter(leased_until__isnull=False).update(leased_until=timezone.now() - timedelta(hours=1))
    Batch.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


def copies(sink) -> Counter[str]:
    """How many copies the sink took of each message, by Message-ID."""
    return Counter(str(message.parsed()["Message-ID"]) for message in list(sink.messages))
