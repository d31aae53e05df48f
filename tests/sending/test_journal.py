import contextlib
import resource
import signal
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.local.paths import PACKAGE_PARENT
from mailer.sending.journal import Journal, answered, dead_journals, deliveries_in, handed, read_journals
from mailer.sending.wire import Reply

OK = Reply("DATA", 250, "2.0.0 queued as 4XyZ")


def test_a_journal_tells_what_was_handed_over_and_what_was_answered(tmp_path):
    journal = Journal(tmp_path)
    with journal.in_use():
        journal.write(handed(1, 1, "main"))
        journal.write(answered(1, 1, "main", OK))
        journal.write(handed(2, 3, "second"))
        told = read_journals(tmp_path)
        assert (told[1, 1].reply, told[1, 1].relay) == (OK, "main")
        assert (told[2, 3].reply, told[2, 3].relay) == (None, "second")
    assert read_journals(tmp_path) == {}


def test_nothing_is_forgotten_while_another_one_writes_or_after_one_has_failed(tmp_path):
    journal = Journal(tmp_path)
    with journal.in_use():
        with journal.in_use():
            journal.write(handed(1, 1, "main"))
        assert (1, 1) in read_journals(tmp_path)
    assert read_journals(tmp_path) == {}
    fails_to_commit(journal)
    with journal.in_use():
        pass
    assert (2, 1) in read_journals(tmp_path)


def fails_to_commit(journal):
    with contextlib.suppress(ZeroDivisionError), journal.in_use():
        journal.write(handed(2, 1, "main"))
        raise ZeroDivisionError


def test_a_line_that_was_cut_short_tells_nothing(tmp_path):
    journal = Journal(tmp_path)
    journal.write(handed(1, 1, "main"))
    (file,) = tmp_path.iterdir()
    file.write_text("H 1 1 main\nR 1 1 main DATA 25")
    assert read_journals(tmp_path)[1, 1].reply is None


def test_what_was_written_outlives_a_kill_9(tmp_path):
    code = f"""
import os, signal
from pathlib import Path
from mailer.sending.journal import Journal, handed
journal = Journal(Path({str(tmp_path)!r}))
journal.write(handed(7, 1, "main"))
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE_PARENT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (7, 1) in read_journals(tmp_path)


def test_the_dead_are_told_from_the_living_and_name_their_deliveries(tmp_path):
    living = Journal(tmp_path)
    living.write(handed(2, 1, "main"))
    (tmp_path / "dead.journal").write_text("H 1 1 main\nR 1 1 main DATA 250 OK\nH 3 2 main\n")
    assert dead_journals(tmp_path) == ["dead.journal"]
    assert deliveries_in(tmp_path, "dead.journal") == {1, 3}


def test_a_line_in_whose_midst_nothing_stands_tells_nothing(tmp_path):
    (tmp_path / "torn.journal").write_bytes(
        b"\0\0 1 main\nH 2 1 main\nH 3 1 m\0\0n\nR 2 1 main DATA 250 \0\0\0\n" + bytes(900)
    )
    assert set(read_journals(tmp_path)) == {(2, 1)}
    assert read_journals(tmp_path)[2, 1].reply is None


def test_what_a_relay_says_with_nothing_in_its_midst_is_told(tmp_path):
    journal = Journal(tmp_path)
    journal.write(answered(1, 1, "main", Reply("DATA", 250, "2.0.0 \0 taken")))
    assert read_journals(tmp_path)[1, 1].reply == Reply("DATA", 250, "2.0.0 ? taken")


def test_more_is_written_than_there_was_room_for_at_first_and_all_of_it_is_forgotten(tmp_path):
    journal = Journal(tmp_path)
    (file,) = tmp_path.iterdir()
    before, word = file.stat().st_size, "x" * 1000
    with journal.in_use():
        for number in range(3 * before // 1000):
            journal.write(answered(number, 1, "main", Reply("DATA", 250, word)))
        told = read_journals(tmp_path)
        assert len(told) == 3 * before // 1000
        assert {entry.reply for entry in told.values()} == {Reply("DATA", 250, word)}
    assert not file.read_bytes().strip(b"\0")
    journal.write(handed(7, 1, "main"))
    assert list(read_journals(tmp_path)) == [(7, 1)]


def test_several_threads_write_at_once_and_no_line_is_lost(tmp_path):
    journal = Journal(tmp_path)

    def lane(number):
        for delivery in range(number * 1000, number * 1000 + 1000):
            journal.write(handed(delivery, 1, "main"))

    threads = [threading.Thread(target=lane, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.deliveries() == set(range(4000))


def test_a_full_disk_is_told_and_what_was_written_stays(tmp_path):
    journal = Journal(tmp_path)
    (file,) = tmp_path.iterdir()
    room = file.stat().st_size
    journal.write(handed(1, 1, "main"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # As near to a full disk as a test comes: the file may not grow.
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(OSError, match="large"):
            journal.write(answered(2, 1, "main", Reply("DATA", 250, "x" * room)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    journal.write(handed(3, 1, "main"))
    assert set(read_journals(tmp_path)) == {(1, 1), (3, 1)}


@given(st.binary(max_size=300))
def test_a_journal_of_any_bytes_is_read(tmp_path_factory, octets):
    folder = tmp_path_factory.mktemp("journal")
    (folder / "any.journal").write_bytes(octets)
    assert all(delivery >= 0 for delivery, _ in read_journals(folder))
