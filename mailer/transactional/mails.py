"""What is written to one person, one function a mail. Each looks at the person as they are now, not as they were when it was asked for.

Each takes the owed mail and returns what is to be sent, or None when there is nothing to send any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parseaddr

from django.conf import settings

from mailer.rendering.letter import RenderedLetter
from mailer.sending.headers import Mailbox
from mailer.sending.letterhead import configured_theme, greet
from mailer.sending.links import unsubscribe_url
from mailer.transactional import links
from mailer.transactional.message import Mail
from mailer.transactional.moving import open_change
from mailer.transactional.writing import Contents, choices_in_words, write_mail
from subscribers.addresses import shorten
from subscribers.models import ConsentEvent, Interest, OwedMail, Subscriber
from subscribers.moving import MOVE_WITHIN, person_at, wanted_move
from subscribers.signup import CONFIRM_WITHIN, StaleLinkError, settle

_A_DAY = 86400


def answer_to_signup(owed: OwedMail) -> Mail | None:
    """The answer to whoever signed up an address: confirm, or your link for somebody who gets the letter already."""
    settled = settle(owed)
    if settled is None:
        return None
    if settled.asked_event is None:
        return link(owed)
    return _asking("confirmation", settled.person, settled.asked_event, language=owed.detail["language"])


def reminder(owed: OwedMail) -> Mail | None:
    """The one reminder to somebody who has not confirmed."""
    person = owed.subscriber
    if person is None or person.status != Subscriber.Status.PENDING:
        return None
    asked = person.consent_events.filter(kind=ConsentEvent.Kind.ASKED).last()
    return _asking("reminder", person, asked.pk, language=person.language) if asked else None


def _asking(name: str, person: Subscriber, asked_event: int, *, language: str) -> Mail:
    # No name in it: anybody may have typed one, and what strangers type is not for us to deliver.
    asked = ConsentEvent.objects.get(pk=asked_event)
    contents = Contents(
        values={
            "choices": _choices(asked.detail["interests"], language),
            "days": str(CONFIRM_WITHIN // _A_DAY),
        },
        buttons=[links.confirm_url(person.pk, asked_event)],
    )
    return Mail(Mailbox("", person.address), _written(name, language, contents))


def link(owed: OwedMail) -> Mail | None:
    """The links of whoever gets the letter at an address; nothing for an address that gets none."""
    person = person_at(owed.address)
    if person is None:
        return None
    contents = Contents(
        values={},
        buttons=[links.preferences_url(person.pk)],
        unsubscribe=unsubscribe_url(links.unsubscribe_token(person.pk)),
    )
    return Mail(Mailbox("", person.address), _written("link", person.language, contents))


def welcome(owed: OwedMail) -> Mail | None:
    """The first mail to somebody who has confirmed."""
    return _to_member(owed, "welcome", lambda _: [f"{settings.SITE_URL}/archive"])


def still_wanted(owed: OwedMail) -> Mail | None:
    """The question, asked once, whether somebody whom we have not heard from still wants the letter."""
    return _to_member(owed, "still-wanted", lambda person: [links.stay_url(person.pk)])


def _to_member(owed: OwedMail, name: str, buttons: Callable[[Subscriber], list[str]]) -> Mail | None:
    person = owed.subscriber
    if person is None or person.status != Subscriber.Status.ACTIVE or person_at(person.address) is None:
        return None
    followed = Interest.objects.filter(subscriptions__subscriber=person).values_list("slug", flat=True)
    token = links.unsubscribe_token(person.pk)
    contents = Contents(
        values={
            "greeting": greet(person.name, person.language),
            "choices": _choices(list(followed), person.language),
        },
        buttons=buttons(person),
        preferences=links.preferences_url(person.pk),
        unsubscribe=unsubscribe_url(token),
    )
    return Mail(Mailbox(person.name, person.address), _written(name, person.language, contents), token)


def new_address(owed: OwedMail) -> Mail | None:
    """The question whether the letter should come to a new address: to the one before, and to the new one when that has agreed."""
    person = owed.subscriber
    if person is None:
        return None
    if not owed.detail.get("agreed"):
        return _agreement(person, owed.detail["change"])
    try:
        change = wanted_move(person.pk, owed.detail["change"])
    except StaleLinkError:
        # Whoever has that address and gets the letter there should know how to change what they get.
        return link(owed)
    if change.confirmed_at is not None:
        return None
    contents = Contents(values={"days": str(MOVE_WITHIN // _A_DAY)}, buttons=[links.move_url(person.pk, change.pk)])
    return Mail(Mailbox("", change.address), _written("new-address", person.language, contents))


def _agreement(person: Subscriber, change_id: int) -> Mail | None:
    try:
        change = open_change(person.pk, change_id)
    except StaleLinkError:
        return None
    if person_at(person.address) is None:
        return None
    contents = Contents(
        values={
            "greeting": greet(person.name, person.language),
            "address": shorten(change.address),
            "days": str(MOVE_WITHIN // _A_DAY),
        },
        buttons=[links.agree_url(person.pk, change.pk)],
    )
    return Mail(Mailbox(person.name, person.address), _written("agree", person.language, contents))


def old_address(owed: OwedMail) -> Mail | None:
    """The word to the old address that the letter goes elsewhere now."""
    person = owed.subscriber
    if person is None or person.status != Subscriber.Status.ACTIVE:
        return None
    contents = Contents(
        values={
            "greeting": greet(person.name, person.language),
            "address": shorten(person.address),
            "contact": parseaddr(settings.MAIL_REPLY_TO or settings.MAIL_FROM)[1],
        }
    )
    return Mail(Mailbox(person.name, owed.address), _written("old-address", person.language, contents))


WRITERS: Mapping[str, Callable[[OwedMail], Mail | None]] = {
    OwedMail.Kind.SIGNUP: answer_to_signup,
    OwedMail.Kind.LINK: link,
    OwedMail.Kind.WELCOME: welcome,
    OwedMail.Kind.NEW_ADDRESS: new_address,
    OwedMail.Kind.OLD_ADDRESS: old_address,
    OwedMail.Kind.REMINDER: reminder,
    OwedMail.Kind.STILL_WANTED: still_wanted,
}


def _choices(slugs: list[str], language: str) -> str:
    names = {interest.slug: interest.names for interest in Interest.objects.all()}
    chosen = [names[slug][language] for slug in names if slug in slugs]
    return choices_in_words(chosen, language, configured_theme())


def _written(name: str, language: str, contents: Contents) -> RenderedLetter:
    theme = configured_theme()
    contents = Contents(
        values={"organisation": theme.sender.name, **contents.values},
        buttons=contents.buttons,
        preferences=contents.preferences,
        unsubscribe=contents.unsubscribe,
    )
    return write_mail(name, language, contents, theme=theme, site_url=settings.SITE_URL)
