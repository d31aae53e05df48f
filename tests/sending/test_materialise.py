"""Whoever has a delivery is not removed, although no foreign key says so."""

import threading

import pytest
import redis
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from mailer.models import Delivery
from mailer.sending import materialise, stopping, tasks
from mailer.sending.launch import create_campaign, launch
from mailer.sending.materialise import make_all_rows
from subscribers.models import Subscriber
from tests.factories import SubscriberFactory, make_issue
from tests.sending.test_launch import order

pytestmark = pytest.mark.django_db(transaction=True)

_REMOVE = "DELETE FROM subscribers_subscriber WHERE id = %s"


@pytest.fixture
def kari(redis_server):
    return SubscriberFactory(address="kari@example.org")


@pytest.fixture
def campaign(kari):
    campaign = create_campaign(order(make_issue()))
    launch(campaign.pk, by="torill")
    return campaign


def remove(person):
    with connection.cursor() as cursor:
        cursor.execute(_REMOVE, [person.pk])


def test_a_person_of_a_delivery_is_not_removed(campaign, kari):
    make_all_rows(campaign.pk)
    with pytest.raises(IntegrityError, match="a person of a delivery cannot be removed"):
        remove(kari)
    assert Subscriber.objects.filter(pk=kari.pk).exists()


def test_others_are_removed(campaign):
    make_all_rows(campaign.pk)
    other = SubscriberFactory()
    remove(other)
    assert not Subscriber.objects.filter(pk=other.pk).exists()


def test_a_removal_waits_for_rows_that_are_being_made_and_is_refused_then(campaign, kari):
    refused = []

    def elsewhere():
        try:
            remove(kari)
        except IntegrityError as problem:
            refused.append(problem)
        finally:
            connection.close()

    with transaction.atomic():
        make_all_rows(campaign.pk)
        removal = threading.Thread(target=elsewhere)
        removal.start()
        removal.join(0.3)
        assert removal.is_alive()
    removal.join(10)
    assert len(refused) == 1
    assert Delivery.objects.filter(subscriber=kari).count() == 1


def test_a_worker_that_is_told_to_stop_leaves_the_rest_of_the_rows_to_another(kari, monkeypatch):
    SubscriberFactory.create_batch(5)
    monkeypatch.setattr(materialise, "BATCH_SIZE", 1)
    monkeypatch.setattr(materialise, "_BATCHES_AT_ONCE", 2)
    campaign = create_campaign(order(make_issue()))
    launch(campaign.pk, by="torill")
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(settings.SENDING_QUEUE)
    told = bytearray(1)
    monkeypatch.setattr(stopping, "_stop", told)
    make_rows = materialise.make_rows

    def make_and_hear_of_it(*what):
        told[0] = 1
        return make_rows(*what)

    monkeypatch.setattr(materialise, "make_rows", make_and_hear_of_it)
    tasks.make_rows(campaign.pk)
    assert Delivery.objects.filter(campaign=campaign).count() == 2
    assert client.llen(settings.SENDING_QUEUE) == 1
    told[0] = 0
    monkeypatch.setattr(materialise, "make_rows", make_rows)
    tasks.make_rows(campaign.pk)
    assert Delivery.objects.filter(campaign=campaign).count() == 6
    assert client.llen(settings.SENDING_QUEUE) == 1
