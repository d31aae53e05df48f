"""PostgreSQL starts after crashes, under odd paths, and as whoever we are."""

import os
import pwd
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mailer.local.accounts import reachable, service_account
from mailer.local.paths import Var
from mailer.local.postgres import SYSTEM_DIRECTORY, Postgres
from mailer.local.problems import LocalProblem
from mailer.local.services import services
from tests.local.commands import ask_postgres, processes_of, redis_client

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change to another user")


def test_it_starts_under_a_long_path_with_spaces(short_tmp: Path) -> None:
    var = Var(short_tmp / ("en mappe med mellomrom og, komma " * 5) / "og 'anførselstegn'" / "var")
    var.root.parent.mkdir(parents=True)
    with services(postgres=True, redis=True, inbox=True, durable=False, var=var):
        assert ask_postgres(var, "SHOW data_directory") == str(Postgres(var).data)
        assert redis_client(var).ping()
    assert processes_of(var) == []
    assert not Postgres(var).sockets.exists()


def test_it_listens_on_no_network(short_tmp: Path) -> None:
    var = Var(short_tmp / "var")
    with services(postgres=True, redis=True, durable=False, var=var):
        assert ask_postgres(var, "SHOW listen_addresses") == ""
        assert redis_client(var).config_get("port")["port"] == "0"
        assert stat.S_IMODE(Postgres(var).sockets.stat().st_mode) == 0o700


def test_norwegian_letters_are_letters(short_tmp: Path) -> None:
    var = Var(short_tmp / "var")
    with services(postgres=True, durable=False, var=var):
        assert ask_postgres(var, "SELECT lower('ÆØÅ') || upper('æøå')") == "æøåÆØÅ"
        assert ask_postgres(var, "SHOW server_encoding") == "UTF8"


def test_stale_files_of_a_crash_are_no_trouble(short_tmp: Path) -> None:
    var = Var(short_tmp / "var")
    with services(postgres=True, durable=False, var=var):
        pid_file = Postgres(var).data / "postmaster.pid"
        left = pid_file.read_text().splitlines()
    # The pid belongs to another program of the same user by now: PostgreSQL itself would refuse to start.
    pid_file.write_text("\n".join([str(_other_program(pid_file.parent)), *left[1:]]))
    Postgres(var).sockets.mkdir(mode=0o700, exist_ok=True)
    os.chown(Postgres(var).sockets, pid_file.parent.stat().st_uid, -1)
    (Postgres(var).sockets / ".s.PGSQL.5432").touch()
    (Postgres(var).sockets / ".s.PGSQL.5432.lock").write_text("1\n")
    with services(postgres=True, durable=False, var=var):
        assert ask_postgres(var, "SELECT 1") == 1


def _other_program(data: Path) -> int:
    owner = data.stat().st_uid
    same = [process.pid for process in psutil.process_iter() if process.uids().real == owner]
    return same[0] if same else os.getpid()


def test_an_interrupted_first_start_is_begun_anew(short_tmp: Path) -> None:
    var = Var(short_tmp / "var")
    var.make()
    (var.root / "postgres.new" / "base").mkdir(parents=True)
    with services(postgres=True, durable=False, var=var):
        assert ask_postgres(var, "SELECT 1") == 1


def test_a_directory_for_sockets_that_others_may_enter_is_refused(short_tmp: Path) -> None:
    var = Var(short_tmp / ("long " * 30) / "var")
    sockets = Postgres(var).sockets
    sockets.mkdir()
    sockets.chmod(0o755)
    try:
        with pytest.raises(LocalProblem, match="only its owner can enter"), services(postgres=True, var=var):
            pass
    finally:
        shutil.rmtree(sockets, ignore_errors=True)


@pytest.fixture
def private_home() -> Iterator[Path]:
    """A directory in root's own, which no other user can enter."""
    home = Path(pwd.getpwuid(0).pw_dir) / f".ukebrev-test-{os.getpid()}"
    home.mkdir(mode=0o700)
    yield home
    link = home / "var" / "postgres"
    if link.is_symlink():
        shutil.rmtree(link.resolve(), ignore_errors=True)
    shutil.rmtree(home)


@as_root
def test_root_gets_a_server_although_nobody_can_enter_its_home(private_home: Path) -> None:
    mode = private_home.parent.stat().st_mode
    var = Var(private_home / "var")
    with services(postgres=True, redis=True, durable=False, var=var):
        assert ask_postgres(var, "SELECT 1") == 1
        data = Postgres(var).data.resolve()
        assert data.parent == SYSTEM_DIRECTORY
        assert data.stat().st_uid != 0
    assert private_home.parent.stat().st_mode == mode
    assert processes_of(Var(data)) == []


@as_root
def test_root_serves_another_persons_directory_as_that_person(short_tmp: Path) -> None:
    account = service_account(0)
    assert account is not None
    var = Var(short_tmp / "var")
    var.root.mkdir()
    os.chown(var.root, account.pw_uid, account.pw_gid)
    # The virtual environment, and the Python that it leads to.
    pythons = (Path(sys.executable).parent, Path(os.path.realpath(sys.executable)))
    if not all(reachable(python, account) for python in pythons):
        pytest.skip("This Python lies where no other user can run it.")
    with services(postgres=True, redis=True, inbox=True, durable=False, var=var):
        assert ask_postgres(var, "SELECT 1") == 1
    owners = {path.lstat().st_uid for path in var.root.rglob("*")}
    assert owners == {account.pw_uid}


@as_root
def test_a_directory_is_reachable_by_its_modes(short_tmp: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    (short_tmp / "open").mkdir(mode=0o755)
    (short_tmp / "closed").mkdir(mode=0o700)
    assert reachable(short_tmp / "open", nobody)
    assert not reachable(short_tmp / "closed", nobody)
    os.chown(short_tmp / "closed", nobody.pw_uid, nobody.pw_gid)
    assert reachable(short_tmp / "closed", nobody)
