"""`ukebrev subscriber import` and what belongs to it."""

from __future__ import annotations

import time

import pytest

from mailer.cli import importing, subscribers

BASIS = ("--basis", "They asked for the letter at the fair.")


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """As the house registers the commands and knows the faults of importing."""
    from mailer.cli import faults

    names = {command.name for command in subscribers.app.registered_commands}
    if "import" not in names:
        importing.register(subscribers.app)
    monkeypatch.setitem(faults._CODES, "subscribers.importing.faults.ImportingError", faults.WRONG_INPUT)


@pytest.fixture
def people(tmp_path):
    def write(content, name="people.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


GOOD = "E-post;Navn\nkari@example.no;Kari\nola@example.no;Ola\n"
MIXED = GOOD + "per@;Per\n"


def test_people_are_imported_looked_at_reported_and_taken_back(ukebrev, people, tmp_path):
    done = ukebrev("subscriber", "import", people(GOOD), *BASIS, "--interest", "students", "--json")
    assert (done.code, done.json["done"], done.json["outcomes"]["added"]) == (0, True, 2)
    number = str(done.json["import"])
    assert ukebrev("subscriber", "import-status", number, "--json").json["status"] == "done"
    assert ukebrev("subscriber", "import-report", number, "--to", str(tmp_path / "report")).code == 0
    assert "lagt til" in (tmp_path / "report.csv").read_text(encoding="utf-8-sig")
    in_english = ("--to", str(tmp_path / "report"), "--reasons-in", "en")
    assert ukebrev("subscriber", "import-report", number, *in_english).code == 0
    assert "added" in (tmp_path / "report.csv").read_text(encoding="utf-8-sig")
    undone = ukebrev("subscriber", "undo-import", number, "--json")
    assert (undone.code, undone.json["removed"]) == (0, 2)


def test_for_people_it_says_how_it_understood_the_sheet(ukebrev, people):
    told = ukebrev("subscriber", "import", people(MIXED), "--dry-run")
    assert told.code == 1
    assert "A 'E-post': address" in told.out
    assert "«per@» er ingen e-postadresse: det står ingenting etter @." in told.out
    assert "Would be, if every row could be read: 2 added, 1 rejected." in told.out
    assert "1 row can't be read" in told.err
    assert ukebrev("subscriber", "import-status", "--json").json == []


def test_all_or_nothing_and_good_rows_only(ukebrev, people):
    assert ukebrev("subscriber", "import", people(MIXED), *BASIS).code == 1
    assert ukebrev("subscriber", "list", "--json").json["total"] == 0
    done = ukebrev("subscriber", "import", people(MIXED), *BASIS, "--good-rows-only", "--json")
    assert (done.code, done.json["outcomes"]["rejected"], done.json["told"][0]["row"]) == (0, 1, 4)


@pytest.mark.parametrize(
    ("content", "words", "expected"),
    [
        (GOOD, (), (2, "asked for the letter")),
        (GOOD, (*BASIS, "--interest", "reindeer"), (2, "no interest 'reindeer'")),
        (GOOD, (*BASIS, "--merge", "mix"), (2, "no merge rule 'mix'")),
        (GOOD, (*BASIS, "--column", "E-post"), (2, "is not like")),
        (GOOD, (*BASIS, "--column", "Hei=address", "--dry-run"), (2, "no column 'Hei'")),
        (GOOD, (*BASIS, "--all-are", "happy"), (2, "can't be all 'happy'")),
        ("", BASIS, (2, "is empty")),
        ("Navn\nKari\n", BASIS, (1, "--column")),
        (b"PK\x03\x04", BASIS, (1, "damaged")),
        (bytes(range(256)) * 40, BASIS, (1, "no text")),
    ],
)
def test_whatever_is_wrong_is_a_sentence_and_an_exit_code(ukebrev, people, content, words, expected):
    code, says = expected
    answer = ukebrev("subscriber", "import", people(content), *words)
    assert (answer.code, "Traceback" in answer.err) == (code, False)
    assert says in answer.err


@pytest.mark.parametrize("command", ["import-status", "import-report", "undo-import", "import-again"])
def test_an_import_that_is_not_there_is_told(ukebrev, command):
    answer = ukebrev("subscriber", command, "999")
    assert "no import 999" in answer.err
    assert answer.code in {1, 2}


def test_a_column_is_corrected_and_shown(ukebrev, people):
    text = "Privat;E-post\nkari@example.no;jobb@example.no\n"
    done = ukebrev("subscriber", "import", people(text), *BASIS, "--column", "Privat=address", "--json")
    assert done.json["columns"] == ["A 'Privat': address", "B 'E-post': not read"]


def test_the_task_runs_an_import_once_however_often_it_is_delivered(ukebrev, people):
    from mailer.scheduling.tasks import run_import, sweep_imports

    number = ukebrev("subscriber", "import", people(GOOD), *BASIS, "--queue", "--json").json["import"]
    for _ in range(2):
        run_import(number)
    sweep_imports()
    told = ukebrev("subscriber", "import-status", str(number), "--json").json
    assert (told["status"], told["outcomes"]) == ("done", {"added": 2})


def test_a_worker_takes_an_import_that_is_queued(ukebrev, people, celery_worker_process):
    number = str(ukebrev("subscriber", "import", people(GOOD), *BASIS, "--queue", "--json").json["import"])
    end = time.monotonic() + 30
    while ukebrev("subscriber", "import-status", number, "--json").json["status"] != "done":
        assert time.monotonic() < end
        time.sleep(0.2)
    assert ukebrev("subscriber", "list", "--json").json["total"] == 2


def test_reasons_are_norwegian_english_on_request_and_codes_for_scripts(ukebrev, people):
    asked = ("subscriber", "import", people(MIXED), "--dry-run")
    assert "'per@' is not an e-mail address" in ukebrev(*asked, "--reasons-in", "en").out
    (row,) = ukebrev(*asked, "--json").json["told"]
    assert (row["codes"], row["reason"][:6]) == (["address-after"], "«per@»")
    wrong = ukebrev(*asked, "--reasons-in", "fi")
    assert (wrong.code, "There are: nb, en." in wrong.err) == (2, True)


def test_an_import_of_nobody_is_told_as_over_and_a_look_as_a_look(ukebrev, people):
    ukebrev("subscriber", "add", "kari@example.no", *BASIS)
    ukebrev("subscriber", "unsubscribe", "kari@example.no")
    sheet = people("E-post\nkari@example.no\n")
    done = ukebrev("subscriber", "import", sheet, *BASIS)
    assert "The rows: 1 left-alone." in done.out
    assert "Would be" not in done.out
    assert "Nobody was imported" in done.err
    assert "Nobody would be imported" in ukebrev("subscriber", "import", sheet, "--dry-run").err
    stopped = ukebrev("subscriber", "import", people(MIXED), *BASIS)
    assert "Would be, if every row could be read: 1 added, 1 left-alone, 1 rejected." in stopped.out
