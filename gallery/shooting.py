"""Pictures of letters, taken by chromium without a network; pictures in letters are drawn on the spot."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, Route, ViewportSize, sync_playwright

from mailer.rendering.picture_files import PreparedPicture
from mailer.rendering.theme import load_theme

Scheme = Literal["light", "dark"]
THEMES = ("arctic", "plain")
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_IMAGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1040" height="600"><rect width="1040" height="600" fill="#CFDCE2"/>'
    '<path d="M0 420L260 300L520 380L820 260L1040 360V600H0z" fill="#7F9CAA"/></svg>'
)


class NoBrowserError(RuntimeError):
    """There is no chromium. The message says how to get one."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's chromium, or what else of its kind is there. Raises NoBrowserError."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        raise NoBrowserError(
            "No browser: install chromium (Debian: apt install chromium; macOS: brew install chromium)."
        )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@contextmanager
def window(running: Browser, scheme: Scheme, width: int) -> Iterator[Page]:
    """A page of `width` px in a colour scheme. Whatever its letter asks for from elsewhere is one small drawing."""
    context = running.new_context(color_scheme=scheme, viewport=ViewportSize(width=width, height=800))
    context.route(re.compile("https?:"), _draw)
    yield context.new_page()
    context.close()


def fonts(page: Page) -> list[str]:
    """The names of the fonts that the page's text is really set in."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    document = session.send("DOM.getDocument")["root"]["nodeId"]
    nodes = session.send("DOM.querySelectorAll", {"nodeId": document, "selector": "h1, h2, p, td, a, em, strong"})
    return sorted({name for node in nodes["nodeIds"] for name in _fonts_of(session, node)})


def _fonts_of(session: CDPSession, node: int) -> list[str]:
    used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return [font["familyName"] for font in used]


@lru_cache
def _logos() -> dict[str, PreparedPicture]:
    """The logos of our themes by the address that letters have for them."""
    themes = (load_theme(name) for name in THEMES)
    return {picture.path: picture for theme in themes if theme.logo for picture in theme.logo.pictures}


def _draw(route: Route) -> None:
    if logo := _logos().get(urlsplit(route.request.url).path):
        route.fulfill(body=logo.content, content_type=f"image/{logo.format}")
    elif route.request.resource_type == "image":
        route.fulfill(body=_IMAGE, content_type="image/svg+xml")
    else:
        route.abort()
