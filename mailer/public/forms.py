"""The forms of the public pages: what may be typed, and what is said when it won't do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from mailer.public import traps
from subscribers.addresses import AddressError, normalise
from subscribers.models import Interest, Subscriber
from subscribers.preferences import LONGEST_PAUSE

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
    """The interests that were ticked. Whether they exist is known where they are used: that saves asking the database twice."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[str, ...]:
        """Return the slugs, each once."""
        return tuple(dict.fromkeys(str(slug)[:40] for slug in value or ()))


class AddressForm(forms.Form):
    """An address, and nothing else that a person fills in."""

    address = AddressField()
    # Seen by programs only. Its name is one that they like to fill in.
    website = forms.CharField(required=False, max_length=2000)
    shown = forms.CharField(required=False, max_length=100)

    def caught(self, *, timed: bool = True) -> str:
        """Return, in a sentence, why this looks like the work of a program; empty when it doesn't."""
        if self.data.get("website", "").strip():
            return gettext("A field that should be empty was filled in. We have emptied it. Please press once more.")
        if timed and not traps.is_in_time(self.data.get("shown", "")):
            return gettext("That was very quick. Look it over, and press once more.")
        return ""


class SignupForm(AddressForm):
    """What somebody fills in who wants the letter."""

    name = forms.CharField(required=False, max_length=200)
    interests = SlugsField(required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    # The edition of the words of consent that the form showed.
    words = forms.CharField(required=False, max_length=40)
    # The address that a better spelling was suggested for: it is suggested once.
    asked_about = forms.CharField(required=False, max_length=_LONGEST_ADDRESS)


class PreferencesForm(forms.Form):
    """What a reader may change."""

    interests = SlugsField(required=False)
    language = forms.ChoiceField(choices=Subscriber.Language.choices)
    paused_until = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def clean_paused_until(self) -> date | None:
        """Return the last day of the pause, within a year."""
        until: date | None = self.cleaned_data["paused_until"]
        today = timezone.localdate()
        if until and not today <= until <= today + LONGEST_PAUSE:
            raise forms.ValidationError(gettext("Choose a day within a year from now."))
        return until


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
            "shape": _SHAPES[number] if number < len(_SHAPES) else "",
            "ticked": interest.slug in ticked,
        }
        for number, interest in enumerate(Interest.objects.all())
    ]


_SHAPES = ("circle", "triangle", "square", "diamond", "cross", "half-disc", "hexagon", "ring")
