"""What every mail of an organisation's has in common: its styles, its header with the logo, and the way from MJML to HTML."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from mailer.rendering import mjml, page, templates
from mailer.rendering.inliner import Inliner, PremailerInliner
from mailer.rendering.slots import typed_address, typed_attribute
from mailer.rendering.text_layout import without_blanks_at_line_ends
from mailer.rendering.theme import Theme
from mailer.rendering.writing_direction import Direction

_INLINER: Inliner = PremailerInliner()


def frame(theme: Theme, *, title: str, week: int | None, site_url: str, direction: Direction = "ltr") -> dict[str, Any]:
    """What the partials around a mail's text are given, but for the words that they say.

    `title` is the page's, as it was typed. `week` is the ISO week whose sun stands in the header; None for no sun. Without
    `site_url` there is no logo: nobody could serve it. `direction` is that of the author's words.
    """
    return {
        "theme": theme,
        "direction": direction,
        "page_title": Markup(typed_attribute(title)),  # noqa: S704  # escaped there
        "styles": [_style_sheet(name, theme, direction) for name in ("narrow", "dark")],
        "logo": _logo(theme, site_url),
        "horizon": page.horizon(theme, week),
        "sun": page.sun(theme, week),
    }


def to_html(source: str, theme: Theme, direction: Direction = "ltr", sections: Sequence[str] = ()) -> str:
    """The HTML of a mail's MJML, with the theme's styles in it; `sections` are the parts that other letters have too.

    Raises BrokenTemplateError, and InliningError for a mail that would arrive damaged.
    """
    looks = _style_sheet("content", theme, direction)
    return without_blanks_at_line_ends(_INLINER.inline(mjml.to_html(source, sections), looks))


@lru_cache(maxsize=64)
def _style_sheet(name: str, theme: Theme, direction: Direction) -> Markup:
    """A style sheet, which is the same in every mail of a theme that is written the same way."""
    css = templates.render(f"_partials/{name}.css", theme.folders, {"theme": theme, "direction": direction})
    return Markup(css)  # noqa: S704  # made of the theme's checked values


def _logo(theme: Theme, site_url: str) -> dict[str, Any] | None:
    logo = theme.logo
    if logo is None or not site_url:
        return None
    return {
        "light": Markup(typed_address(site_url + logo.light.path)),  # noqa: S704  # escaped there
        "dark": Markup(typed_address(site_url + logo.dark.path)) if logo.dark else "",  # noqa: S704  # the same
        "alt": Markup(typed_attribute(logo.alt)),  # noqa: S704  # the same
        "width": logo.width,
        "height": logo.height,
        "beside": logo.beside,
    }
