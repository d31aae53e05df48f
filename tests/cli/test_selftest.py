import json
import os
import subprocess
import sys

import psutil

from mailer.local.paths import PACKAGE_PARENT

COMMAND = "import typer; from mailer.cli.selftest import selftest; typer.run(selftest)"


def left_running(folder):
    return [p.info["cmdline"] for p in psutil.process_iter(["cmdline"]) if folder in " ".join(p.info["cmdline"] or [])]


def test_an_administrators_drill_touches_neither_the_real_list_nor_the_real_relay(short_tmp):
    """DESIGN: `ukebrev selftest`. Real servers that don't exist would be a fault at once if it asked them."""
    real = {
        "SMTP_URL": "smtps://real.example.org",
        "DATABASE_URL": "postgres://real.example.org/real",
        "REDIS_URL": "redis://real.example.org",
        "UKEBREV_VAR": str(short_tmp / "real"),
        "TMPDIR": str(short_tmp),
    }
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "--json", "--recipients", "120"],
        cwd=PACKAGE_PARENT,
        env={**os.environ, **real},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] is True
    assert (told["recipients"], told["got_it"], told["lost"], told["struck"]["kill"]) == (120, 120, 0, 2)
    assert told["repeated"] <= told["allowed"]
    assert told["seconds"] < 60
    assert list(short_tmp.iterdir()) == []
    assert left_running(str(short_tmp)) == []
