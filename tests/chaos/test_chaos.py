"""The short crash drill, for seeds that are always the same, and for CHAOS_SEED where it is set."""

import os
import subprocess
import sys

import pytest

from mailer.local.paths import PACKAGE_PARENT

SEEDS = (1, 2, *map(int, os.environ.get("CHAOS_SEED", "").split()))


def start(seed: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "mailer.cli.drill", "--short", "--seed", str(seed)],
        cwd=PACKAGE_PARENT,
        env={**os.environ, "SMTP_URL": "smtps://real.example.org", "DATABASE_URL": "postgres://real.example.org/real"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def drills():
    """All at once: most of their time they wait for each other's blows."""
    running = {seed: start(seed) for seed in SEEDS}
    yield running
    for drill in running.values():
        drill.kill()
        drill.communicate()


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_lost_and_repeats_are_only_those_that_are_promised(drills, seed):
    said, _ = drills[seed].communicate(timeout=180)
    assert drills[seed].returncode == 0, said
    assert said.splitlines()[-1].startswith(f"seed {seed}: recipients 300 lost 0 repeated ")
    assert (
        "2 x kill -9 of a worker, 1 x Redis emptied, 1 x Redis restarted, 1 x PostgreSQL restarted, 2 x tasks delivered twice"
        in said
    )
