"""`ukebrev up` runs everything until it is told to stop, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailer.local import processes
from mailer.local.paths import PACKAGE_PARENT, Var
from mailer.local.problems import LocalProblem
from mailer.local.processes import require_free
from mailer.local.services import services
from tests.local.commands import LAUNCH, ask_postgres, eventually, processes_of


@pytest.fixture
def var(short_tmp: Path) -> Var:
    return Var(short_tmp / "var")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def house(var: Var, port: int) -> Iterator["subprocess.Popen[str]"]:
    """`ukebrev up` in a process group of its own, as a terminal would start it; ready when the site answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mailer", "up"],
        cwd=PACKAGE_PARENT,
        env={**os.environ, "UKEBREV_VAR": str(var.root), "PORT": str(port), "SMTP_URL": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )
    try:
        eventually(lambda: process.poll() is not None or answers(port), seconds=60)
        assert process.poll() is None, process.communicate()[0]
        yield process
    finally:
        process.kill()
        process.communicate()
        eventually(lambda: not processes_of(var), seconds=30)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def launch(var: Var, readers: int) -> None:
    subprocess.run(
        [sys.executable, "-c", LAUNCH, str(readers)],
        cwd=PACKAGE_PARENT,
        env={**os.environ, "UKEBREV_VAR": str(var.root), "SMTP_URL": ""},
        check=True,
        timeout=60,
    )


def ctrl_c(house: "subprocess.Popen[str]") -> None:
    os.killpg(house.pid, signal.SIGINT)


@pytest.mark.parametrize("stop", [ctrl_c, subprocess.Popen.terminate])
def test_told_to_stop_in_mid_campaign_it_ends_in_order_within_ten_seconds_and_loses_nothing(
    house: "subprocess.Popen[str]", var: Var, stop: Callable[["subprocess.Popen[str]"], None]
) -> None:
    launch(var, 3000)
    eventually(lambda: len(list(var.inbox.glob("*/new/*"))) > 10)
    stop(house)
    begin = time.monotonic()
    said, _ = house.communicate(timeout=60)
    assert time.monotonic() - begin < 10
    assert house.returncode == 0, said
    assert processes_of(var) == []
    for name in ("web", "worker", "beat"):
        assert f"{name} stopped (rc=0)" in said
    assert "Traceback" not in said
    with services(postgres=True, var=var):
        assert ask_postgres(var, "SELECT count(*) FROM mailer_batch WHERE lease_owner <> ''") == 0
        sent = ask_postgres(var, "SELECT count(*) FROM mailer_delivery WHERE status = 'sent'")
        others = (
            "SELECT count(*) FROM mailer_delivery WHERE status <> 'sent' AND (status <> 'pending' OR uncertain > 0)"
        )
        assert ask_postgres(var, others) == 0
    assert sent == len(list(var.inbox.glob("*/new/*"))) < 3000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")
def test_a_kill_ends_all_of_it_too(house: "subprocess.Popen[str]", var: Var) -> None:
    house.kill()
    eventually(lambda: not processes_of(var), seconds=30)
    assert processes_of(var) == []


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LocalProblem, match=rf"Port {port} is taken .* PORT={port % 65535 + 1} make run"):
            require_free(port)


def test_who_does_not_stop_is_killed_when_our_own_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    assert processes._KILL_SECONDS > 10, "A worker may take ten seconds to end what is on the wire."
    monkeypatch.setattr(processes, "_KILL_SECONDS", 1)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    manager = processes._MortalManager()
    manager.add_process("stubborn", "trap '' TERM; while :; do sleep 0.1; done")
    manager.add_process("brief", "true")
    try:
        begin = time.monotonic()
        manager.loop()
        assert 1 <= time.monotonic() - begin < 4
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
