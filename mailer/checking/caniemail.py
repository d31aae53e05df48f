"""Makes `data/clients.json` out of Can I Email's data: `python -m mailer.checking.caniemail caniemail.json > data/clients.json`.

Kept is what at least one of our six mail programs leaves out in its newest tested version, on all its platforms.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# Gmail's page for phone browsers is left out: nearly nobody reads mail there. The new Outlook for Windows is Outlook.com.
CLIENTS = {
    "gmail": ("gmail", ("desktop-webmail", "ios", "android")),
    "outlook-windows": ("outlook", ("windows",)),
    "outlook-new": ("outlook", ("outlook-com",)),
    "apple-mail": ("apple-mail", ("macos", "ios")),
    "yahoo": ("yahoo", ("desktop-webmail", "ios", "android")),
    "samsung": ("samsung-email", ("android",)),
}


def reduced(source: dict[str, Any]) -> dict[str, Any]:
    """The table that is shipped."""
    features = {}
    for feature in source["data"]:
        without = [client for client in CLIENTS if _is_without(feature["stats"], *CLIENTS[client])]
        if without and feature["category"] in {"css", "html", "image"}:
            features[feature["slug"]] = {"title": feature["title"], "without": without}
    return {
        "source": "https://www.caniemail.com/, by the npm package caniemail 1.0.5",
        "licence": "MIT, see clients.LICENSE",
        "updated": source["last_update_date"][:10],
        "features": dict(sorted(features.items())),
    }


def _is_without(stats: dict[str, Any], family: str, platforms: tuple[str, ...]) -> bool:
    tested = [stats[family][platform] for platform in platforms if platform in stats.get(family, {})]
    return bool(tested) and all(list(versions.values())[-1].startswith("n") for versions in tested)


if __name__ == "__main__":
    table = reduced(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.stdout.write(json.dumps(table, ensure_ascii=False, indent=1) + "\n")
