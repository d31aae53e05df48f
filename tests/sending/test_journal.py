import contextlib
import signal
import subprocess
import sys

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


@given(st.binary(max_size=300))
def test_a_journal_of_any_bytes_is_read(tmp_path_factory, octets):
    folder = tmp_path_factory.mktemp("journal")
    (folder / "any.journal").write_bytes(octets)
    assert all(delivery >= 0 for delivery, _ in read_journals(folder))
