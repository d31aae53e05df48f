"""The embedded servers live as long as somebody uses them, whatever happens to whom."""

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from mailer.local.paths import Var
from mailer.local.postgres import DATABASE, USER, Postgres
from mailer.local.problems import LocalProblem
from mailer.local.services import services
from tests.local.commands import (
    Command,
    ask_postgres,
    eventually,
    keeper,
    postmaster,
    processes_of,
    redis_client,
    using,
)


@pytest.fixture
def var(short_tmp: Path) -> Var:
    return Var(short_tmp / "var")


def test_two_commands_that_start_at_once_share_one_server_and_the_last_one_stops_it(var: Var) -> None:
    first, second = Command(var, "postgres", "redis"), Command(var, "postgres", "redis")
    both = [*first.started(), *second.started()]
    assert set(both) == {"postgres", "redis"}
    first.leave()
    assert ask_postgres(var, "SELECT 1") == 1
    assert redis_client(var).ping()
    second.leave()
    assert processes_of(var) == []


def test_a_second_start_finds_what_was_stored(var: Var) -> None:
    with services(postgres=True, redis=True, var=var):
        ask_postgres(var, "CREATE TABLE kept AS SELECT 45 AS week")
        redis_client(var).set("week", 45)
    start = time.monotonic()
    with services(postgres=True, redis=True, var=var) as running:
        assert time.monotonic() - start < 5
        assert running.started == ["postgres", "redis"]
        assert ask_postgres(var, "SELECT week FROM kept") == 45
        assert redis_client(var).get("week") == "45"


def test_a_killed_command_counts_as_gone(var: Var) -> None:
    command = Command(var, "postgres", "redis", "inbox")
    command.started()
    command.process.kill()
    command.process.communicate()
    eventually(lambda: not processes_of(var))
    assert processes_of(var) == []


def test_a_killed_postmaster_is_started_again_with_its_data(var: Var) -> None:
    with services(postgres=True, var=var):
        ask_postgres(var, "CREATE TABLE kept AS SELECT 45 AS week")
        killed = postmaster(var)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: Postgres(var).answers() and postmaster(var) != killed)
        assert ask_postgres(var, "SELECT week FROM kept") == 45
    assert processes_of(var) == []


def test_a_killed_redis_is_started_again(var: Var) -> None:
    with services(redis=True, var=var):
        pid = int(redis_client(var).info()["process_id"])
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: any(f"{var.root}" in line for line in processes_of(var)))
        with services(redis=True, var=var):
            assert redis_client(var).info()["process_id"] != pid


def test_a_killed_keeper_takes_its_server_along_and_the_next_command_starts_both(var: Var) -> None:
    with using(var, "postgres"):
        os.kill(keeper(var, "postgres"), signal.SIGKILL)
        eventually(lambda: not Postgres(var).answers())
        with using(var, "postgres"):
            assert ask_postgres(var, "SELECT 1") == 1


def test_a_server_that_cannot_run_is_told_in_a_sentence(var: Var) -> None:
    var.make()
    Postgres(var).data.mkdir()
    (Postgres(var).data / "PG_VERSION").write_text("12\n")
    with (
        pytest.raises(LocalProblem, match="were made by PostgreSQL 12, and this is PostgreSQL 18"),
        services(postgres=True, var=var),
    ):
        pass
    assert processes_of(var) == []


def test_a_directory_that_cannot_be_made_is_told_in_a_sentence(short_tmp: Path) -> None:
    (short_tmp / "file").write_text("in the way")
    with (
        pytest.raises(LocalProblem, match=r"Cannot write in .*UKEBREV_VAR"),
        services(redis=True, var=Var(short_tmp / "file" / "var")),
    ):
        pass


def test_what_a_setting_names_is_not_started(var: Var, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with services(redis=True, var=var) as running:
        assert running.embedded == []
    assert not var.root.exists()


def test_a_server_that_falls_again_soon_after_it_was_started_again_is_not_given_up(var: Var) -> None:
    with services(postgres=True, durable=False, var=var):
        for _ in range(4):
            time.sleep(1.5)
            fallen = postmaster(var)
            os.kill(fallen, signal.SIGQUIT)
            eventually(lambda fallen=fallen: Postgres(var).answers() and postmaster(var) != fallen)
        assert not Postgres(var).problem.exists()


def test_what_a_killed_postmaster_left_at_work_does_not_keep_the_next_one_from_starting(var: Var) -> None:
    with services(postgres=True, durable=False, var=var):
        with psycopg.connect(host=str(Postgres(var).sockets), dbname=DATABASE, user=USER) as connection:
            connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 10000000000)")
            killed = postmaster(var)
            os.kill(killed, signal.SIGKILL)
            eventually(lambda: Postgres(var).answers() and postmaster(var) != killed)
            connection.close()
        assert ask_postgres(var, "SELECT 1") == 1
