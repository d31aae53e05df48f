"""What the demo says while it works: a spinner and a line a step in a terminal, plain lines where there is none."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from mailer.cli.output import answers


class Step:
    """One step under way; `result` is what is said of it when it is done."""

    def __init__(self) -> None:
        self.result = ""


@contextlib.contextmanager
def step(what: str) -> Iterator[Step]:
    """Say what is being done, then what came of it and how long it took."""
    began, now = time.monotonic(), Step()
    if not answers.is_terminal:
        answers.print(f"{what} ...", markup=False, highlight=False)
    with answers.status(what) if answers.is_terminal else contextlib.nullcontext():
        yield now
    told = f": {now.result}" if now.result else ""
    answers.print(f"  {what}{told} ({time.monotonic() - began:.1f} s)", markup=False, highlight=False)
