"""The command line: in this process on the test's database, or as a process of its own where the environment differs."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest
import typer

from mailer.cli import output
from mailer.cli.app import run as run_command
from mailer.local.paths import PACKAGE_PARENT
from tests.services import worker_environment

# Typer reads the signature of every command anew at each run, which a process does once.
_command = functools.cache(typer.main.get_command)


@dataclass(frozen=True)
class Answer:
    """What a command printed and its exit code."""

    out: str
    err: str
    code: int

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def ukebrev(transactional_db, redis_server, smtp_sink, capfd, monkeypatch):
    """Run `ukebrev` with these words, and with these variables in a process of its own; return its answer."""
    # Not at the top: this file may be read before Django is set up.
    from tests.factories import make_interests

    make_interests()
    monkeypatch.chdir(PACKAGE_PARENT)
    monkeypatch.setattr(typer.main, "get_command", _command)
    for console in (output.answers, output.notices):
        monkeypatch.setattr(console, "_width", 200)

    def here(*words: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["ukebrev", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_command()
        printed = capfd.readouterr()
        return Answer(printed.out, printed.err, int(ended.value.code or 0))

    def there(*words: str, environment: dict[str, str]) -> Answer:
        done = subprocess.run(
            [sys.executable, "-m", "mailer", *words],
            env={**worker_environment(), "COLUMNS": "200", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Answer(done.stdout, done.stderr, done.returncode)

    def run(*words: str, **environment: str) -> Answer:
        return there(*words, environment=environment) if environment else here(*words)

    return run


@pytest.fixture
def uke_45(ukebrev):
    """The sample, imported; its slug."""
    return ukebrev("issue", "import", "tests/data/uke-45.txt", "--week", "2021-W45", "--json").json["slug"]
