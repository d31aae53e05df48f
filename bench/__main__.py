"""`make bench`."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import launching, letters

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Measure everything, print it, and write it down."""
    results = {**letters.measure(), **launching.measure()}
    table = Table("Figure", "Value", title="Medians of 5; a launch is measured once")
    for name, value in results.items():
        table.add_row(name, str(value))
    Console().print(table)
    RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
