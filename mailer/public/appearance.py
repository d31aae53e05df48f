"""How the public pages look: the colours, the fonts and the year of light of the theme that the letters have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mailer.rendering.daylight import DAY_AND_NIGHT, WEEKS, hours, year_of_light
from mailer.sending.letterhead import configured_theme

# The sun stays whole on a screen of 320 px, in the first and the last week as well.
_LEFTMOST, _RIGHTMOST = 8.0, 92.0


@dataclass(frozen=True, slots=True)
class Sun:
    """Where the sun of a week stands: its middle, in % of the horizon's width."""

    kind: str  # "half", "whole" (midnight sun) or "glow" (polar night)
    middle: float


@dataclass(frozen=True, slots=True)
class Cell:
    """Neighbouring weeks of one colour, in % of the horizon's width."""

    colour: str
    left: float
    width: float


def sun_of(day: date, latitude: float) -> Sun:
    """Return the sun on this day's week. `latitude` is in degrees north."""
    week = min(day.isocalendar().week, WEEKS)
    light = hours(latitude, week)
    kind = "glow" if light <= 0 else "whole" if light >= DAY_AND_NIGHT else "half"
    return Sun(kind, min(max(_percent(week - 0.5), _LEFTMOST), _RIGHTMOST))


def horizon(latitude: float) -> list[Cell]:
    """Return the year of light, from the first week on the left to the last on the right."""
    cells, week = [], 0
    for colour, weeks in year_of_light(latitude):
        left = _percent(week)
        week += weeks
        cells.append(Cell(colour, left, round(_percent(week) - left, 4)))
    return cells


def _percent(weeks: float) -> float:
    return round(weeks * 100 / WEEKS, 4)


@require_safe
@cache_control(public=True, max_age=3600)
def theme_css(request: HttpRequest) -> HttpResponse:
    """The theme's colours and fonts as a stylesheet, since the pages' policy allows no style inside a page."""
    return render(request, "public/theme.css", {"theme": configured_theme()}, content_type="text/css")


@require_safe
@cache_control(public=True, max_age=3600)
def sky(request: HttpRequest) -> HttpResponse:
    """The horizon with this week's sun over it, for a theme that has a place."""
    theme = configured_theme()
    if theme.daylight is None:
        raise Http404
    latitude = theme.daylight.latitude
    seen = {"sun": sun_of(timezone.localdate(), latitude), "cells": horizon(latitude), "colours": theme.light}
    return render(request, "public/sky.svg", seen, content_type="image/svg+xml")


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """What browsers ask for beside a page that names no icon, as a letter does."""
    return redirect(static("public/sun.svg"))
