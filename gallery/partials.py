"""Where in a letter with everything each partial stands, so that it can be pictured alone."""

from __future__ import annotations

from dataclasses import replace

from gallery.issues import html, monster
from mailer.rendering.letter import Reader
from mailer.rendering.theme import Theme

# By the partial's name: what to picture, if the theme has it. A selector's first match is taken.
PLACES = {
    "header": ".head >> nth=0",
    "horizon": ".head >> nth=1",
    "bar": "div.sun:has(> table) >> nth=0",
    "personal": ".panel >> nth=0",
    "intro": ".paper >> nth=0",
    "contents": "table.contents",
    "section": ".paper:has(h3)",
    "divider": "table.hairline",
    "event": "table.card:has(td.date)",
    "person": "table.person",
    "note": "table.card:has(td.note)",
    "quotation": "table.quotation",
    "image": "td:has(> div > img)",
    "button": "table.button",
    "table": "table.data",
    "wide table": "table.record",
    "list": ".ink ul",
    "more less": "td:has(> p.more-less)",
    "closing": ".closing",
    "footer": ".page:has(a.door) >> nth=-1",
}


def specimen(theme: Theme) -> str:
    """The letter that partials are pictured in."""
    return html(monster(), Reader(("students",)), replace(theme, greeting=True))
