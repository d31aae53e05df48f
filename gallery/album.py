"""The gallery's page: pictures side by side, partials first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Gallery</title><style>
body { margin:24px;background:#8A9499;color:#10181D;font:15px/22px system-ui,sans-serif }
nav a { margin-right:16px } a { color:#0B2A3A } h2 { margin:40px 0 8px }
.row { display:flex;gap:16px;align-items:flex-start;overflow-x:auto }
figure { margin:0;flex:none } figcaption { padding:4px 0 } img { display:block;max-width:none }
.partials { flex-wrap:wrap }
fieldset { position:sticky;top:0;border:0;padding:8px 0;background:#8A9499 }
body:has(.width:checked) figure { display:none }
{% for kind in kinds %}body:has(#only-{{ kind }}:checked) figure.{{ kind }} { display:block }
{% endfor %}
</style></head><body><h1>Gallery</h1>
<fieldset><legend>Show</legend><label><input type="radio" name="only" checked> all</label>
{% for kind in kinds %}<label><input type="radio" name="only" class="width" id="only-{{ kind }}"> {{ kind[1:] }} px</label>
{% endfor %}</fieldset>
<nav>{% for group in groups %}<a href="#g{{ loop.index }}">{{ group.name }}</a>{% endfor %}</nav>
{% for group in groups %}<h2 id="g{{ loop.index }}">{{ group.name }}</h2>
<div class="row{{ " partials" if group.partials }}">
{% for shot in group.shots %}<figure class="{{ "w%d" % shot.width }}"><figcaption>{{ shot.caption }}</figcaption>
<a href="{{ shot.file }}"><img src="{{ shot.file }}" alt="{{ group.name }}, {{ shot.caption }}" loading="lazy"></a></figure>
{% endfor %}</div>
{% endfor %}</body></html>
"""


_INDEX = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Gallery</title></head><body><h1>Gallery</h1>
<ul>{% for theme in themes %}<li><a href="{{ theme }}/index.html">{{ theme }}</a></li>{% endfor %}</ul></body></html>
"""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its file beside the page, and in which scheme and at how many px it was taken."""

    file: str
    scheme: str
    width: int

    @property
    def caption(self) -> str:
        """What is said above it."""
        return f"{self.scheme}, {self.width} px"


@dataclass(frozen=True, slots=True)
class ShotGroup:
    """Pictures that belong side by side."""

    name: str
    shots: tuple[Shot, ...]
    partials: bool = False


def write_index(folder: Path) -> Path:
    """Write the page that leads to those of all themes pictured so far, each in a folder of its own, and return its path."""
    themes = sorted(page.parent.name for page in folder.glob("*/index.html"))
    page = folder / "index.html"
    page.write_text(Environment(autoescape=True).from_string(_INDEX).render(themes=themes), encoding="utf-8")
    return page


def write(folder: Path, groups: Sequence[ShotGroup]) -> Path:
    """Write the page into the folder and return its path."""
    page = folder / "index.html"
    kinds = [f"w{width}" for width in sorted({shot.width for group in groups for shot in group.shots})]
    page.write_text(
        Environment(autoescape=True).from_string(_PAGE).render(groups=groups, kinds=kinds), encoding="utf-8"
    )
    return page
