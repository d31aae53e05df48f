"""Whether mail programs understand the letter's HTML and CSS, by Can I Email's tests."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import html as lxml_html

from mailer.checking.findings import Sighting, Term, seen
from mailer.checking.letters import styles
from mailer.checking.material import Letter, Material

DATA = Path(__file__).parent / "data"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_AT_RULE = re.compile(r"@(font-face|import|keyframes|supports)\b")
_MEDIA_FEATURE = re.compile(r"prefers-color-scheme|prefers-reduced-motion|orientation|hover|device-pixel-ratio")
_FUNCTION = re.compile(r"([a-z-]+)\(")
_UNIT = re.compile(r"(?<![\w#-])-?[\d.]+(rem|vw|vh|vmin|vmax|ch)\b")
_PSEUDO = re.compile(r"(?<!:)(::?)([a-z-]+)")
_FUNCTIONS = {
    "var": "css-variables",
    "calc": "css-unit-calc",
    "oklch": "css-modern-color",
    "oklab": "css-modern-color",
    "lch": "css-modern-color",
    "lab": "css-modern-color",
    "light-dark": "css-function-light-dark",
    **{name: f"css-function-{name}" for name in ("clamp", "max", "min")},
    **{name: f"css-{name}" for name in ("linear-gradient", "radial-gradient", "conic-gradient", "rgba")},
}
_PROPERTIES = {
    **dict.fromkeys(("left", "right", "top", "bottom"), "css-left-right-top-bottom"),
    **dict.fromkeys(("column-gap", "row-gap"), "css-gap"),
    **dict.fromkeys(("columns", "column-width", "column-rule"), "css-column-layout-properties"),
    **dict.fromkeys(("grid-template-columns", "grid-template-rows", "grid-template-areas"), "css-grid-template"),
    **dict.fromkeys(("padding-inline", "padding-block"), "css-padding-inline-block"),
    **dict.fromkeys(("margin-inline", "margin-block"), "css-margin-inline-block"),
}
_VALUES = {
    ("display", "flex"): "css-display-flex",
    ("display", "inline-flex"): "css-display-flex",
    ("display", "grid"): "css-display-grid",
    ("flex-direction", "column"): "css-flex-direction",
    ("flex-wrap", "wrap"): "css-flex-wrap",
}
# Told apart by their value only.
_VALUES_ONLY = {"flex-direction", "flex-wrap"}
_COMBINATORS = {
    ">": "css-selector-child",
    "+": "css-selector-adjacent-sibling",
    "~": "css-selector-general-sibling",
    "[": "css-selector-attribute",
    "*": "css-selector-universal",
}
_SEMANTIC = {
    "article",
    "aside",
    "details",
    "figcaption",
    "figure",
    "footer",
    "header",
    "main",
    "mark",
    "nav",
    "section",
    "summary",
    "time",
}
_ATTRIBUTES = {"srcset": "html-srcset", "sizes": "html-srcset", "loading": "html-loading-attribute"}


def unsupported(material: Material) -> Iterator[Sighting]:
    """Features that a mail program leaves out, unless the letter is as good without them (`data/graceful.toml`)."""
    for letter in material.letters[:1]:
        for slug in sorted(features(letter) & set(table()) - set(graceful())):
            feature = table()[slug]
            names = tuple(Term(f"client-{client}") for client in feature["without"])
            yield seen("client-support", feature=feature["title"].strip(), clients=names, slug=slug)


def features(letter: Letter) -> set[str]:
    """What the letter's HTML and CSS use, as Can I Email's slugs. What only Outlook for Windows is shown doesn't count."""
    found: set[str] = set()
    for element in letter.tree.iter():
        if isinstance(element.tag, str):
            found |= _element(element)
    for sheet in styles(letter):
        found |= _sheet(_COMMENT.sub("", sheet))
    return found


@lru_cache
def table() -> dict[str, Any]:
    """Slug -> title and the mail programs that leave the feature out. See `caniemail.py`."""
    found: dict[str, Any] = json.loads((DATA / "clients.json").read_text(encoding="utf-8"))["features"]
    return found


@lru_cache
def graceful() -> dict[str, str]:
    """Slug -> why a letter may use the feature all the same."""
    with (DATA / "graceful.toml").open("rb") as file:
        return {slug: str(reason) for slug, reason in tomllib.load(file).items()}


def _element(element: lxml_html.HtmlElement) -> set[str]:
    tag = "html-semantics" if element.tag in _SEMANTIC else f"html-{element.tag}"
    found = {tag, *(_ATTRIBUTES.get(name, f"html-{name}") for name in element.keys())}  # noqa: SIM118  # lxml's
    if element.tag in {"input", "button"}:
        found.add(f"html-{element.tag}-{element.get('type', 'text' if element.tag == 'input' else 'submit')}")
    if str(element.get("href", "")).startswith("#"):
        found.add("html-anchor-links")
    if element.tag == "meta" and "color-scheme" in str(element.get("name", "")):
        found.add("html-meta-color-scheme")
    if element.tag == "img" and str(element.get("src", "")).startswith("data:"):
        found.add("image-base64")
    return found | _declarations(str(element.get("style", "")))


def _sheet(sheet: str) -> set[str]:
    found = {f"css-at-{name}" for name in _AT_RULE.findall(sheet)}
    for prelude in re.findall(r"@media([^{]*)\{", sheet):
        found |= {"css-at-media", *(f"css-at-media-{name}" for name in _MEDIA_FEATURE.findall(prelude))}
    for selector, body in _RULE.findall(sheet):
        found |= _declarations(body)
        if "@" not in selector:
            found |= _selector(selector)
    return found


def _selector(selector: str) -> set[str]:
    found = {slug for sign, slug in _COMBINATORS.items() if sign in selector}
    if re.search(r"\.[\w-]+\.[\w-]+", selector):
        found.add("css-selector-chaining")
    for colons, name in _PSEUDO.findall(selector):
        found.add(f"css-pseudo-{'element' if len(colons) > 1 else 'class'}-{name}")
    return found


def _declarations(body: str) -> set[str]:
    found: set[str] = set()
    for declaration in body.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip().lower(), value.replace("!important", "").strip().lower()
        if not value:
            continue
        if name.startswith("--"):
            found.add("css-variables")
        found |= {_FUNCTIONS[function] for function in _FUNCTION.findall(value) if function in _FUNCTIONS}
        found |= {f"css-unit-{unit}" for unit in _UNIT.findall(value)}
        found.add(_VALUES.get((name, value), "" if name in _VALUES_ONLY else _PROPERTIES.get(name, f"css-{name}")))
    return found


CHECKS = (unsupported,)
