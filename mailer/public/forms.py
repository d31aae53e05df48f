"""The forms of the public pages: what may be typed, and what is said when it won't do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from mailer.public import traps
from subscribers.addresses import AddressError, normalise
from subscribers.models import Interest, Subscriber
from subscribers.preferences import LONGEST_PAUSE, Choices

# RFC 5321, 4.5.3.1: 64 + 1 + 255; a little more, so that blanks around it do no harm.
_LONGEST_ADDRESS = 400
_PAUSES = (14, 30, 91)


class AddressField(forms.CharField):
    """An e-mail address as people type it."""

    def __init__(self) -> None:
        super().__init__(max_length=_LONGEST_ADDRESS)
        self.error_messages["required"] = gettext_lazy("Write your address here, such as name@example.org.")
        self.error_messages["max_length"] = gettext_lazy("This is longer than any address. Write it anew.")

    def clean(self, value: Any) -> str:
        """Return the address, in its one spelling."""
        typed = super().clean(value)
        try:
            return normalise(typed).wire
        except AddressError:
            said = gettext("“%(typed)s” is no e-mail address. It looks like name@example.org.")
            raise forms.ValidationError(said % {"typed": typed[:80]}) from None


class SlugsField(forms.Field):
    """The interests that were ticked. Whether they exist is known where they are used: that saves asking the database twice.

    Forms on other pages are written by hand, and say "none" by a field with nothing in it, or several in one with commas between.
    """

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[str, ...]:
        """Return the slugs, each once."""
        slugs = (slug.strip().lower()[:40] for field in value or () for slug in str(field).split(","))
        return tuple(dict.fromkeys(filter(None, slugs)))


class ShortText(forms.CharField):
    """Text that nobody is asked to write anew: what is too long is cut, and what can't be kept is left out."""

    def __init__(self, longest: int) -> None:
        super().__init__(required=False)
        self._longest = longest

    def to_python(self, value: Any) -> str:
        """Return the text."""
        text = super().to_python(str(value or "").replace("\0", "")) or ""
        return text[: self._longest]


class LanguageField(ShortText):
    """A language that letters can have; empty for any other, so that the page's own counts."""

    def __init__(self) -> None:
        super().__init__(10)

    def to_python(self, value: Any) -> str:
        """Return the language: also of `nb-NO` and `EN`."""
        language = super().to_python(value).lower().replace("_", "-").partition("-")[0]
        return language if language in Subscriber.Language.values else ""


class AddressForm(forms.Form):
    """An address, and nothing else that a person fills in."""

    address = AddressField()
    # Seen by programs only. Its name is one that they like to fill in.
    website = ShortText(2000)
    shown = ShortText(100)

    def caught(self, *, timed: bool = True) -> str:
        """Return, in a sentence, why this looks like the work of a program; empty when it doesn't."""
        if self.data.get("website", "").strip():
            return gettext("A field that should be empty was filled in. We have emptied it. Please press once more.")
        if timed and not traps.is_in_time(self.data.get("shown", "")):
            return gettext("That was very quick. Look it over, and press once more.")
        return ""


class SignupForm(AddressForm):
    """What somebody fills in who wants the letter."""

    name = ShortText(200)
    interests = SlugsField(required=False)
    language = LanguageField()
    # The edition of the words of consent that the form showed.
    words = ShortText(40)
    # The address that a better spelling was suggested for: it is suggested once.
    asked_about = ShortText(_LONGEST_ADDRESS)


class PreferencesForm(forms.Form):
    """What a reader may change, and what the page showed them before (`had`)."""

    interests = SlugsField(required=False)
    language = LanguageField()
    paused_until = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    had_interests = ShortText(20_000)
    had_language = LanguageField()
    had_pause = ShortText(10)

    def clean_paused_until(self) -> date | None:
        """Return the last day of the pause, within a year. One that was shown and is over since is none any more."""
        until: date | None = self.cleaned_data["paused_until"]
        today = timezone.localdate()
        if until and until < today and until.isoformat() == self.data.get("had_pause"):
            return None
        if until and not today <= until <= today + LONGEST_PAUSE:
            raise forms.ValidationError(gettext("Choose a day within a year from now."))
        return until

    def choices_of(self, person: Subscriber) -> Choices:
        """Return what was changed on the page, and for the rest what is so now: another tab may have changed that since."""
        filled, now = self.cleaned_data, shown_of(person)
        knows = "had_interests" in self.data
        had = SlugsField().to_python([filled["had_interests"]])
        same_interests = knows and set(had) == set(filled["interests"])
        same_pause = knows and filled["had_pause"] == self.data.get("paused_until", "")
        return Choices(
            now.interests if same_interests else filled["interests"],
            now.language if filled["language"] in {"", filled["had_language"]} else filled["language"],
            now.paused_until if same_pause else filled["paused_until"],
        )


def shown_of(person: Subscriber) -> Choices:
    """Return what a person has chosen, as the page shows it: a pause that is over is none."""
    slugs = tuple(interest.slug for interest in person.interests.all())
    return Choices(slugs, person.language, pause_of(person))


def pause_of(person: Subscriber) -> date | None:
    """Return the last day of the pause that a person has now, if they have one."""
    until = person.paused_until
    return until if until and until >= timezone.localdate() else None


def pauses(current: date | None) -> list[date]:
    """Return the days that a pause may end at: two weeks, a month, three months from now, and the one that was chosen before."""
    today = timezone.localdate()
    offered = {today + timedelta(days=days) for days in _PAUSES}
    return sorted(offered | ({current} if current and current >= today else set()))


def interest_choices(language: str, ticked: tuple[str, ...] | list[str]) -> list[dict[str, Any]]:
    """Return the interests as a form shows them. The shape is an interest's for good; the ninth has words only."""
    return [
        {
            "slug": interest.slug,
            "name": interest.names.get(language) or interest.name_nb,
            "description": interest.descriptions.get(language, ""),
            "shape": _SHAPES[number] if number < len(_SHAPES) else "",
            "ticked": interest.slug in ticked,
        }
        for number, interest in enumerate(Interest.objects.all())
    ]


_SHAPES = ("circle", "triangle", "square", "diamond", "cross", "half-disc", "hexagon", "ring")
