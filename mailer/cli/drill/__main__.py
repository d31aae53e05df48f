"""`python -m mailer.cli.drill --seed 7`: the long drill of `make chaos`; with `--short` the one of `make test`.

Its last line is the sum. Exit code 1 when somebody was lost, got more than the promise allows, or the numbers don't fit together.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace

from mailer.cli.drill.story import Drill, Script
from mailer.cli.drill.strikes import Strike
from mailer.cli.output import say

LONG = Script(
    recipients=20_000,
    strikes={Strike.KILL: 20, Strike.FLUSH: 3, Strike.REDIS: 2, Strike.POSTGRES: 2, Strike.COPY: 10},
    workers=3,
    pace=0.12,
)
SHORT = Script(
    recipients=300,
    strikes={Strike.KILL: 2, Strike.FLUSH: 1, Strike.REDIS: 1, Strike.POSTGRES: 1, Strike.COPY: 2},
    pace=0.1,
)


def main() -> int:
    """Run a drill and print its sum; return the exit code."""
    asked = argparse.ArgumentParser(prog="python -m mailer.cli.drill", description=__doc__)
    asked.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    asked.add_argument("--short", action="store_true", help="300 recipients and a few strikes")
    asked.add_argument("--recipients", type=int, help="another number of recipients")
    given = asked.parse_args()
    script = SHORT if given.short else LONG
    if given.recipients:
        script = replace(script, recipients=given.recipients)
    say(f"seed {given.seed}")
    result = Drill(given.seed, script, tell=say, show=lambda _: None).run()
    say(", ".join(f"{number} x {strike.value}" for strike, number in result.struck.items()))
    say(f"{result.got_it} got it, {result.refused} were refused by the relay for good, in {result.seconds:.0f} s.")
    for problem in result.problems:
        say(problem)
    if result.folder:
        say(f"The logs are in {result.folder}.")
    say(result.last_line)
    return 0 if result.is_well else 1


if __name__ == "__main__":
    sys.exit(main())
