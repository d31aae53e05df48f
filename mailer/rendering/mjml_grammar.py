"""What our templates may say in MJML: mrml, which mjml-python wraps, lets unknown tags and attributes pass in silence.

From MJML 4's documentation. Not here: mj-hero, mj-carousel (mrml draws them wrongly), mj-include (Jinja2's business),
mj-html-attributes (unknown to mrml), fonts and icons that would be fetched from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

_BOX = "css-class padding padding-top padding-right padding-bottom padding-left"
_BORDER = "border border-top border-right border-bottom border-left border-radius"
_TYPE = "color font-family font-size font-style font-weight letter-spacing line-height text-decoration text-transform"

ATTRIBUTES: dict[str, frozenset[str]] = {
    tag: frozenset(attributes.split())
    for tag, attributes in {
        "mjml": "lang dir owa",
        "mj-head": "",
        "mj-title": "",
        "mj-attributes": "",
        "mj-all": f"{_TYPE} padding",
        "mj-class": f"name {_TYPE} {_BOX} {_BORDER} align background-color width",
        "mj-breakpoint": "width",
        "mj-style": "",
        "mj-raw": "",
        "mj-body": "width background-color css-class",
        "mj-wrapper": f"{_BOX} {_BORDER} background-color full-width text-align",
        "mj-section": f"{_BOX} {_BORDER} background-color full-width text-align direction",
        "mj-group": "width vertical-align background-color direction css-class",
        "mj-column": f"{_BOX} {_BORDER} width vertical-align background-color direction inner-background-color",
        "mj-text": f"{_BOX} {_TYPE} align height container-background-color",
        "mj-button": f"{_BOX} {_BORDER} {_TYPE} align background-color container-background-color height href "
        "inner-padding rel target title text-align vertical-align width",
        "mj-image": f"{_BOX} {_BORDER} align alt container-background-color fluid-on-mobile height href max-height "
        "rel src target title width",
        "mj-divider": f"{_BOX} border-color border-style border-width container-background-color width align",
        "mj-spacer": f"{_BOX} container-background-color height",
        "mj-table": f"{_BOX} {_TYPE} align cellpadding cellspacing container-background-color border table-layout "
        "vertical-align width",
    }.items()
}
PARENTS: dict[str, frozenset[str]] = {
    tag: frozenset(parents.split())
    for tag, parents in {
        "mj-head": "mjml",
        "mj-body": "mjml",
        "mj-wrapper": "mj-body",
        "mj-section": "mj-body mj-wrapper mj-attributes",
        "mj-group": "mj-section mj-attributes",
        "mj-column": "mj-section mj-group mj-attributes",
        **dict.fromkeys(
            ("mj-text", "mj-button", "mj-image", "mj-divider", "mj-spacer", "mj-table"), "mj-column mj-attributes"
        ),
    }.items()
}
# What runs, fetches or is stripped by every mail program.
FORBIDDEN_HTML = frozenset(
    ("script", "iframe", "object", "embed", "form", "input", "link", "base", "audio", "video", "svg")
)

_LENGTHS = re.compile(r"(?:\d+(?:\.\d+)?(?:px|%)\s*){1,4}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{3}|#[0-9A-Fa-f]{6}|transparent|inherit|none")

Fault = tuple[int, str, str]
Attributes = tuple[tuple[str, str], ...]


def faults(root: etree._Element) -> Iterator[Fault]:
    """Each fault of a parsed template: its line, its tag, and a sentence saying what was expected."""
    if root.tag != "mjml":
        yield 1, str(root.tag), f"a letter begins with <mjml>, not <{root.tag!s}>."
    for element in root.iter(etree.Element):
        tag = str(element.tag)
        if tag.startswith("mj"):
            parent = element.getparent()
            within = str(parent.tag) if parent is not None else ""
            sentences = _mjml_faults(tag, within, tuple(element.items()))
        else:
            sentences = _html_faults(tag, tuple(element.keys()))
        for sentence in sentences:
            yield _line(element), tag, sentence


def _line(element: etree._Element) -> int:
    line: int | None = element.sourceline  # type: ignore[assignment]  # lxml-stubs has an ellipsis here
    return line or 1


# The same few elements make up every letter, hence the caches.
@lru_cache(maxsize=1024)
def _html_faults(tag: str, names: tuple[str, ...]) -> tuple[str, ...]:
    faults = [f"<{tag}> has no place in a mail."] if tag.lower() in FORBIDDEN_HTML else []
    scripts = (name for name in names if name[:2].lower() == "on")
    return (*faults, *(f"<{tag}> has {name}, a script, which has no place in a mail." for name in scripts))


@lru_cache(maxsize=1024)
def _mjml_faults(tag: str, within: str, attributes: Attributes) -> tuple[str, ...]:
    if tag not in ATTRIBUTES:
        return (f"<{tag}> is not one of ours; known are {', '.join(sorted(ATTRIBUTES))}.",)
    faults = []
    if tag in PARENTS and within not in PARENTS[tag]:
        place, right = f"<{within}>" if within else "nothing", sorted(PARENTS[tag] - {"mj-attributes"})
        faults.append(f"<{tag}> stands in {place}; it belongs in {' or '.join(right)}.")
    for name, value in attributes:
        if name not in ATTRIBUTES[tag]:
            known = ", ".join(sorted(ATTRIBUTES[tag])) or "no attributes"
            faults.append(f"<{tag}> has no {name}; it has {known}.")
        elif expected := _expected(name, value):
            faults.append(f'{name}="{value}" on <{tag}>: {expected}')
    return tuple(faults)


def _expected(name: str, value: str) -> str:
    if name.startswith("padding") and not _LENGTHS.fullmatch(value):
        # A 0 without a unit isn't understood when widths are computed, and bursts the letter in Outlook only.
        return "expected one to four lengths, each with its unit, such as 0px 40px."
    if name.endswith("color") and not _COLOUR.fullmatch(value):
        return "expected a colour such as #15232E."
    return ""
