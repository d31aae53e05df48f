"""`make bench` measures everything, prints a table, and writes bench/results.json; `python -m bench sending dkim` only these parts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.goals import GOALS

RESULTS = Path(__file__).with_name("results.json")
# In the order in which they run, each in a process of its own: settings are read once, and memory is told from a fresh start.
PARTS = ("letters", "dkim", "launching", "sending", "slow_link", "million", "audiences", "importing", "public")

_ONE = """
import importlib, json, sys
print(json.dumps(importlib.import_module(f"bench.{sys.argv[1]}").measure()))
"""


def main(names: list[str]) -> int:
    """Measure these parts, or all of them. Figures of other parts stay in results.json as they were."""
    console = Console(stderr=True)
    if unknown := [name for name in names if name not in PARTS]:
        console.print(f"There is no part {', '.join(unknown)}. The parts are {', '.join(PARTS)}.")
        return 2
    if not names or "sending" in names:
        fetch_smtp_source(console)
    results: dict[str, float | str] = {}
    failed = []
    for name in names or PARTS:
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-c", _ONE, name], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            failed.append(name)
        else:
            results |= json.loads(done.stdout.splitlines()[-1])
        console.print(f"{name}: {'failed' if done.returncode else 'done'} in {time.monotonic() - began:.0f} s")
    Console().print(table(results))
    _keep(results)
    return 1 if failed else 0


def table(results: dict[str, float | str]) -> Table:
    """The figures, beside what they are to be."""
    made = Table("Figure", "Value", "Goal", "Met")
    for name, value in results.items():
        goal = GOALS.get(name)
        met = "" if goal is None else "yes" if goal.is_met(value) else "no"
        made.add_row(name, str(value), str(goal or ""), met)
    return made


def _keep(results: dict[str, float | str]) -> None:
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(kept | results, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def fetch_smtp_source(console: Console) -> None:
    """Install Debian's package postfix, which has smtp-source, if we may; say so in a sentence if we may not. Nothing of it is started."""
    if shutil.which("smtp-source"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        console.print(
            "smtp-source is not here and can't be installed without root and apt-get: that comparison is left out."
            " On Debian: apt-get install postfix."
        )
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", "postfix"],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            console.print(
                f"smtp-source could not be installed ({done.stderr.strip()[-200:]}): that comparison is left out."
            )
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
