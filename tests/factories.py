"""Records for tests, by what they are.

A cast with stated roles: Kari the student, Jonas the entrepreneur, Marit with a business, Ola who follows nothing.
"""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from mailer.models import Issue
from mailer.models.parsed import store_issue
from mailer.parsing.issue import Block, ParsedIssue, Section
from subscribers.addresses import normalise
from subscribers.models import Interest, Subscriber, Subscription
from subscribers.suppression import address_hash


class InterestFactory(DjangoModelFactory[Interest]):
    class Meta:
        model = Interest
        django_get_or_create = ("slug",)

    slug = "students"
    name_nb = factory.LazyAttribute(lambda interest: f"{interest.slug} (nb)")
    name_en = factory.LazyAttribute(lambda interest: interest.slug)
    position = factory.Sequence(lambda number: number)


class SubscriberFactory(DjangoModelFactory[Subscriber]):
    class Meta:
        model = Subscriber
        skip_postgeneration_save = True

    address = factory.Sequence(lambda number: f"reader{number}@example.org")
    address_key = factory.LazyAttribute(lambda person: normalise(person.address).key)
    address_hash = factory.LazyAttribute(lambda person: address_hash(person.address_key))
    name = "Ola Nordmann"
    status = Subscriber.Status.ACTIVE

    @factory.post_generation
    def follows(self, create: bool, slugs: tuple[str, ...] | None, **kwargs: object) -> None:
        for slug in slugs or ():
            Subscription.objects.create(subscriber=self, interest=InterestFactory(slug=slug))


def make_interests() -> None:
    """The three that a new house begins with; where migrating has run they are there already."""
    for position, slug in enumerate(("students", "entrepreneurs", "businesses")):
        InterestFactory(slug=slug, position=position)


def section(heading: str, *interests: str, part: str | None = None, text: str = "") -> Section:
    return Section(
        heading=heading,
        blocks=(Block("paragraph", text or f"What {heading} is about."),),
        part=part,
        interests=interests,
    )


def make_issue(*sections: Section, title: str = "Uke 45") -> Issue:
    """An issue of these sections; by default one for everyone and one for each interest."""
    make_interests()
    parsed = ParsedIssue(
        title=title,
        year=2021,
        week=45,
        intro=(Block("paragraph", "Ja, ka skjer?"),),
        parts=tuple(dict.fromkeys(s.part for s in sections if s.part)),
        sections=sections
        or (
            section("Vitensenter"),
            section("Studentbyen", "students"),
            section("Workation", "entrepreneurs"),
            section("Rekruttering", "businesses"),
        ),
        closing=(Block("paragraph", "Hilsen oss."),),
    )
    return store_issue(parsed, source=f"{title} {[s.heading for s in parsed.sections]}").issue
