"""How long an import of a million people takes, and how much memory its process needs, on a PostgreSQL of its own.

Semicolons, Windows-1252, æøå in names, two interests each; 1 in 1,000 is suppressed, 1 in 1,000 is there twice, 1 in 1,000 is no address.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PEOPLE = 1_000_000
_ODD_ONE_IN = 1_000
_TWICE, _NONE, _SUPPRESSED = 1, 2, 3


def measure() -> dict[str, float]:
    """Return the figures of importing. The process that is measured does nothing else; its servers are started before."""
    with tempfile.TemporaryDirectory(prefix="ukebrev-bench-") as place:
        Path(place).chmod(0o711)
        for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL"):
            os.environ.pop(name, None)
        os.environ["UKEBREV_VAR"] = str(Path(place) / "var")
        from mailer.cli.starting import house

        with house():
            _suppress()
            sheet = Path(place) / "people.csv"
            _write(sheet)
            done = subprocess.run(
                [sys.executable, "-m", "bench.importing", str(sheet)], check=True, stdout=subprocess.PIPE, text=True
            )
            return {**json.loads(done.stdout)}


def _write(sheet: Path) -> None:
    with sheet.open("w", encoding="windows-1252", newline="") as file:
        file.write("E-post;Navn;Språk;Interesser\r\n")
        for number in range(PEOPLE):
            file.write(f"{_address(number)};Bjørn Åge Næss {number};norsk;studenter, gründere\r\n")


def _address(number: int) -> str:
    odd = number % _ODD_ONE_IN
    if odd == _TWICE:
        return f"Reader{number - 1}@Example{(number - 1) % 977}.NO"
    return f"reader{number} example.no" if odd == _NONE else f"reader{number}@example{number % 977}.no"


def _suppress() -> None:
    from subscribers.models import Suppression
    from subscribers.suppression import address_hash

    Suppression.objects.bulk_create(
        Suppression(address_hash=address_hash(_address(number)), reason="complained")
        for number in range(_SUPPRESSED, PEOPLE, _ODD_ONE_IN)
    )


def _run(sheet: Path) -> None:
    """Import in this process, and print the figures."""
    import resource
    import time

    from mailer.cli.starting import house

    with house():
        from subscribers.importing import running
        from subscribers.importing.options import Options
        from subscribers.importing.sheets import Named

        steps: dict[str, float] = {}
        began = time.perf_counter()
        with sheet.open("rb") as file:
            kept = running.begin(
                Named(file, sheet.name), Options(good_rows_only=True), basis="They asked for the letter at the fair."
            )
        summary = running.run(kept.pk, lambda step, _done, _total: steps.__setitem__(step, time.perf_counter() - began))
        taken = time.perf_counter() - began
    print({k: round(v, 1) for k, v in steps.items()}, summary.outcomes, file=sys.stderr)  # noqa: T201  # beside the answer
    each = PEOPLE // _ODD_ONE_IN
    told = {name: summary.outcomes.get(name) for name in ("duplicate", "rejected", "left-alone")}
    if told != dict.fromkeys(told, each):
        raise RuntimeError(f"{summary.outcomes} {summary.problem}: the figure would mean nothing.")
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"import_1m_s": round(taken, 1), "import_1m_mb": round(megabytes)}))  # noqa: T201  # the answer


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _run(Path(sys.argv[1]))
    else:
        print(json.dumps(measure()))  # noqa: T201  # the answer
