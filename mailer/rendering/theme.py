"""A theme: who sends the letter and how it looks, read from `theme.toml` in the theme's folder and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from mailer.rendering import toml_tables
from mailer.rendering.logo import WIDEST_PX as WIDEST_LOGO_PX
from mailer.rendering.logo import Grounds, Logo, LogoSettings, load_logo
from mailer.rendering.templates import TEMPLATES
from mailer.rendering.toml_tables import SettingsError

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_FONTS = re.compile(r"[\w ,'-]+")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LARGEST_PX = 200


@dataclass(frozen=True, slots=True)
class Sender:
    """The organisation, and where it can be written to: lines of a postal address."""

    name: str
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SocialLink:
    """A place where the organisation can be followed, named in text."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Daylight:
    """The place whose daylight the header tells; latitude in degrees north."""

    place: str
    latitude: float


@dataclass(frozen=True, slots=True)
class Fonts:
    """CSS font stacks: `voice` for what a person wrote, `sans` for what the machine adds."""

    voice: str
    sans: str


@dataclass(frozen=True, slots=True)
class Face:
    """A style of type, in px; the small ones hold on screens of at most 480 px."""

    size: int
    line: int
    small_size: int
    small_line: int
    weight: int = 400
    spacing: float = 0.0
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Sizes:
    """The styles of type by what they are for."""

    title: Face
    heading: Face
    subheading: Face
    intro: Face
    body: Face
    quotation: Face
    signature: Face
    word_mark: Face


@dataclass(frozen=True, slots=True)
class Space:
    """Distances in px."""

    margin: int
    small_margin: int
    header_top: int
    before_title: int
    after_dates: int


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours by role, as #RRGGBB; `on_x` is text on x."""

    page: str
    paper: str
    panel: str
    line: str
    ink: str
    muted: str
    link: str
    label: str
    head: str
    on_head: str
    on_head_2: str
    button: str
    on_button: str
    date: str
    on_date: str
    on_date_2: str
    sun: str
    glow: str


@dataclass(frozen=True, slots=True)
class Theme:
    """Everything about a letter that isn't the issue's. `folders` are searched in order for templates and words.

    `greeting` puts the slot GREETING above the intro; see `greeting.greeting` for its value.
    """

    name: str
    folders: tuple[Path, ...]
    sender: Sender
    fonts: Fonts
    sizes: Sizes
    space: Space
    light: Colours
    dark: Colours
    unbroken: tuple[str, ...] = ()
    social: tuple[SocialLink, ...] = ()
    daylight: Daylight | None = None
    greeting: bool = False
    logo: Logo | None = None


def load_theme(name: str, override: Path | None = None) -> Theme:
    """The theme called `name`.

    `override` is an organisation's folder laid out as `templates/email/` is: its templates come before ours, and the
    keys of its `<name>/theme.toml` before those of ours. Raises SettingsError naming the file, the key and what to put.
    """
    folders = (override, TEMPLATES) if override else (TEMPLATES,)
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{name!r} can't be the name of a theme: use small letters, digits, _ and - only.")
    files = [folder / name / "theme.toml" for folder in folders]
    found = [file for file in files if file.exists()]
    if not found:
        raise SettingsError(f"There is no theme {name!r}: {files[-1]} does not exist. Ours are arctic and plain.")
    table: dict[str, Any] = {}
    for file in reversed(found):
        table = toml_tables.merged(table, toml_tables.read(file))
    return _theme(name, folders, table, f"{found[0]}: ")


def _theme(name: str, folders: tuple[Path, ...], table: dict[str, Any], file: str) -> Theme:
    known = {"sender", "logo", "letter", "social", "daylight", "fonts", "typography", "sizes", "space", "colours"}
    if unknown := sorted(set(table) - known):
        raise SettingsError(f"{file}{unknown[0]}: is not a table here. Known are: {', '.join(sorted(known))}.")
    colours = _table(table, "colours", file)
    sizes = _table(table, "sizes", file)
    light = _section(Colours, colours, "light", f"{file}colours.", _COLOUR_CHECKS)
    dark = _section(Colours, colours, "dark", f"{file}colours.", _COLOUR_CHECKS)
    places = [place for folder in folders for place in (folder / name, folder)]
    return Theme(
        name=name,
        folders=folders,
        sender=_section(Sender, table, "sender", file, {"name": _filled, "address": _filled}),
        fonts=_section(Fonts, table, "fonts", file, dict.fromkeys(("voice", "sans"), _font_stack)),
        sizes=toml_tables.build(
            Sizes, {key: _face(value, f"{file}sizes.{key}") for key, value in sizes.items()}, f"{file}sizes.", {}
        ),
        space=_section(Space, table, "space", file, dict.fromkeys(Space.__slots__, _px)),
        light=light,
        dark=dark,
        unbroken=_typography(table, file),
        greeting=_letter(table, file),
        social=_social(table, file),
        daylight=_section(Daylight, table, "daylight", file, {"latitude": _latitude}) if "daylight" in table else None,
        logo=_logo(table, places, Grounds(light.head, dark.head), file) if "logo" in table else None,
    )


def _table(table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = table.get(key)
    if not isinstance(value, dict):
        raise SettingsError(f"{where}{key}: a table [{key}] is expected, found {value!r}.")
    return value


def _section(
    cls: type[toml_tables.T],
    table: Mapping[str, Any],
    key: str,
    where: str,
    checks: Mapping[str, Callable[[Any], str]],
) -> toml_tables.T:
    return toml_tables.build(cls, _table(table, key, where), f"{where}{key}.", checks)


def _face(value: Any, where: str) -> Face:
    if not isinstance(value, dict):
        raise SettingsError(f"{where}: expected a table such as {{ size = 17, line = 28, ... }}, found {value!r}.")
    sizes = dict.fromkeys(("size", "line", "small_size", "small_line"), _px)
    return toml_tables.build(Face, value, f"{where}.", {**sizes, "weight": _weight})


def _typography(table: Mapping[str, Any], file: str) -> tuple[str, ...]:
    @dataclass(frozen=True, slots=True)
    class Typography:
        unbroken: tuple[str, ...] = ()

    return toml_tables.build(
        Typography, _table({"typography": {}, **table}, "typography", file), f"{file}typography.", {}
    ).unbroken


def _letter(table: Mapping[str, Any], file: str) -> bool:
    @dataclass(frozen=True, slots=True)
    class Letter:
        greeting: bool = False

    return toml_tables.build(Letter, _table({"letter": {}, **table}, "letter", file), f"{file}letter.", {}).greeting


def _social(table: Mapping[str, Any], file: str) -> tuple[SocialLink, ...]:
    links = table.get("social", [])
    if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
        raise SettingsError(f"{file}social: expected tables [[social]] with name and url, found {links!r}.")
    return tuple(
        toml_tables.build(SocialLink, link, f"{file}social[{i}].", {"name": _filled, "url": _web_address})
        for i, link in enumerate(links)
    )


def _logo(table: Mapping[str, Any], places: Sequence[Path], grounds: Grounds, file: str) -> Logo | None:
    settings = _section(LogoSettings, table, "logo", file, {"width": _logo_width})
    return load_logo(settings, places, grounds, f"{file}logo.")


def _filled(value: Any) -> str:
    lines = (value,) if isinstance(value, str) else value
    return "" if lines and all(line.strip() for line in lines) else "something to read"


def _font_stack(value: str) -> str:
    return "" if _FONTS.fullmatch(value) else "a font stack such as \"Georgia, 'Noto Serif', serif\""


def _colour(value: str) -> str:
    return "" if _COLOUR.fullmatch(value) else 'a colour such as "#15232E"'


def _px(value: int) -> str:
    return "" if 0 <= value <= _LARGEST_PX else f"px from 0 to {_LARGEST_PX}"


def _logo_width(value: int) -> str:
    return "" if 0 < value <= WIDEST_LOGO_PX else f"px from 1 to {WIDEST_LOGO_PX}"


def _weight(value: int) -> str:
    return "" if value in range(100, 1000, 100) else "a weight of type: 400, 600 or 700"


def _latitude(value: float) -> str:
    return "" if abs(value) < 90 else "degrees north, between -90 and 90"  # noqa: PLR2004  # the poles


def _web_address(value: str) -> str:
    return "" if value.startswith("https://") and not re.search(r"[\s\"<>]", value) else "an address with https://"


_COLOUR_CHECKS = {field.name: _colour for field in fields(Colours)}
