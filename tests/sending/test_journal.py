import signal
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from mailer.local.paths import PACKAGE_PARENT
from mailer.sending.journal import Journal, read_journals, remove_dead_journals
from mailer.sending.wire import Reply

OK = Reply("DATA", 250, "2.0.0 queued as 4XyZ")


def test_a_journal_tells_what_was_handed_over_and_what_was_answered(tmp_path):
    journal = Journal(tmp_path)
    journal.handed(1, 1)
    journal.answered(1, 1, OK)
    journal.handed(2, 3)
    told = read_journals(tmp_path)
    assert told[1, 1].reply == OK
    assert told[2, 3].reply is None
    journal.settled()
    assert read_journals(tmp_path) == {}


def test_a_line_that_was_cut_short_tells_nothing(tmp_path):
    journal = Journal(tmp_path)
    journal.handed(1, 1)
    (file,) = tmp_path.iterdir()
    file.write_text("H 1 1\nR 1 1 DATA 25")
    assert read_journals(tmp_path)[1, 1].reply is None


def test_what_was_written_outlives_a_kill_9(tmp_path):
    code = f"""
import os, signal
from pathlib import Path
from mailer.sending.journal import Journal
journal = Journal(Path({str(tmp_path)!r}))
journal.handed(7, 1)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE_PARENT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (7, 1) in read_journals(tmp_path)


def test_only_dead_and_empty_journals_are_removed(tmp_path):
    living = Journal(tmp_path)
    (tmp_path / "dead.journal").touch()
    (tmp_path / "telling.journal").write_text("H 1 1\n")
    assert remove_dead_journals(tmp_path) == 1
    left = [file.name for file in tmp_path.iterdir()]
    assert len(left) == 2
    assert "telling.journal" in left
    living.settled()


@given(st.binary(max_size=300))
def test_a_journal_of_any_bytes_is_read(tmp_path_factory, octets):
    folder = tmp_path_factory.mktemp("journal")
    (folder / "any.journal").write_bytes(octets)
    assert all(delivery >= 0 for delivery, _ in read_journals(folder))
