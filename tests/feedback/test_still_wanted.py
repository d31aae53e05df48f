"""Who has got so many letters that they may be asked whether they still want them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mailer.feedback.still_wanted import LETTERS, patience
from mailer.models import Delivery
from mailer.sending.materialise import make_all_rows
from subscribers.audiences import Audience
from subscribers.models import Subscriber
from subscribers.still_wanted import ask, number_to_ask
from tests.factories import SubscriberFactory
from tests.public.delivered import launched

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


def test_only_who_was_sent_so_many_letters_is_asked():
    kari, _ola = SubscriberFactory.create_batch(2)
    long_ago = timezone.now() - timedelta(days=400)
    Subscriber.objects.update(created_at=long_ago, status_changed_at=long_ago)
    make_all_rows(launched().pk)
    Delivery.objects.filter(subscriber=kari).update(status="sent")
    assert number_to_ask(Audience(), patience()) == 0
    assert [number_to_ask(Audience(), patience(letters=letters)) for letters in (0, 1, 2)] == [2, 1, 0]
    assert LETTERS > 1
    assert ask(Audience(), patience(letters=1)) == 1
    assert list(Subscriber.objects.exclude(asked_at=None)) == [kari]
