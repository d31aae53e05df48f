import os
import subprocess
import sys

import psutil
import pytest

from mailer.local.paths import PACKAGE_PARENT


@pytest.fixture
def demo(short_tmp):
    """Run the demo in a directory of its own."""
    environment = {**os.environ, "UKEBREV_VAR": str(short_tmp / "var"), "COLUMNS": "120"}

    def run(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mailer", "demo"],
            cwd=PACKAGE_PARENT,
            env={**environment, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    run.var = short_tmp / "var"
    return run


def left_running(var):
    return [
        p.info["cmdline"] for p in psutil.process_iter(["cmdline"]) if str(var) in " ".join(p.info["cmdline"] or [])
    ]


def test_the_demo_delivers_to_every_segment_twice_over_and_leaves_nothing_running(demo):
    first = demo(SMTP_URL="smtps://real.example.org", DATABASE_URL="postgres://real.example.org/real")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1] == "delivered 32 of 32"
    second = demo()
    assert second.returncode == 0, second.stderr
    assert "0 added, 32 were there already" in second.stdout
    assert "not imported again" in second.stdout
    assert second.stdout.splitlines()[-1] == "delivered 32 of 32"
    assert left_running(demo.var) == []
    assert len(list((demo.var / "previews").glob("*.html"))) == 16
