"""Atom feeds (RFC 4287) of the letters, in all and per interest, for who would rather read them in a feed reader."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext

from mailer.public import answers
from mailer.public.methods import read_only
from mailer.results.archive import PastLetter, past_letters
from mailer.sending.letterhead import configured_theme
from subscribers.models import Interest

_MOST = 20

if TYPE_CHECKING:
    _Feed = Feed[tuple[PastLetter, str], Interest | None]
else:
    _Feed = Feed


class LettersFeed(_Feed):
    """The last letters; for an interest, as somebody who follows that alone got them."""

    feed_type = Atom1Feed

    def __call__(self, request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        """Answer in the language that was asked for."""
        with translation.override(answers.spoken_language(request)):
            answer = super().__call__(request, *args, **named)
        answer.headers["Cache-Control"] = "public, max-age=300"
        return answer

    def get_object(self, request: HttpRequest, slug: str = "") -> Interest | None:
        """Return the interest that the feed is about, or None for the feed of everything."""
        if not slug:
            return None
        interest = Interest.objects.filter(slug=slug).first()
        if interest is None:
            raise Http404
        return interest

    def title(self, interest: Interest | None) -> str:
        """Whose letters these are, and about what."""
        title = gettext("Weekly letter from %(organisation)s") % {"organisation": configured_theme().sender.name}
        return f"{title}: {_name(interest)}" if interest else title

    def link(self, interest: Interest | None) -> str:
        """The page that lists the same."""
        return f"{settings.SITE_URL}{reverse('archive')}"

    def feed_url(self, interest: Interest | None) -> str:
        """Where the feed itself is (RFC 4287, 4.2.7.2: rel=self)."""
        path = reverse("feed-about", args=[interest.slug]) if interest else reverse("feed")
        return f"{settings.SITE_URL}{path}"

    def feed_guid(self, interest: Interest | None) -> str:
        """The feed's own name, which no other has (RFC 4287, 4.2.6)."""
        return self.feed_url(interest)

    def author_name(self, interest: Interest | None) -> str:
        """Whoever writes the letters: each feed names one (RFC 4287, 4.1.1)."""
        return configured_theme().sender.name

    def items(self, interest: Interest | None) -> list[tuple[PastLetter, str]]:
        """The letters, each with the interest whose edition is meant."""
        slug = interest.slug if interest else ""
        return [(letter, slug) for letter in past_letters(translation.get_language() or "nb", most=_MOST)]

    def item_title(self, item: tuple[PastLetter, str]) -> str:
        """The subject that it went out under."""
        return item[0].subject or item[0].title

    def item_description(self, item: tuple[PastLetter, str]) -> str:
        """What is in it."""
        letter, slug = item
        edition = letter.about(slug) if slug else letter.editions[0]
        return " · ".join(edition.headings)

    def item_link(self, item: tuple[PastLetter, str]) -> str:
        """Where it can be read."""
        letter, slug = item
        return (letter.about(slug) if slug else letter.editions[0]).url

    def item_pubdate(self, item: tuple[PastLetter, str]) -> datetime:
        """When it went out."""
        return item[0].sent_at

    def item_updateddate(self, item: tuple[PastLetter, str]) -> datetime:
        """The same: a letter does not change."""
        return item[0].sent_at


letters = read_only(LettersFeed())


def _name(interest: Interest) -> str:
    return interest.names.get(translation.get_language() or "nb") or interest.name_nb
