from pathlib import Path

from mailer.checking.clients import graceful, table
from mailer.checking.findings import codes
from mailer.checking.handbook import with_tables

PAGE = Path("docs/checks.md").read_text(encoding="utf-8")


def test_docs_checks_md_is_in_step_with_the_tables():
    assert with_tables(PAGE) == PAGE, "Run python -m mailer.checking.handbook."
    assert all(f"| `{code}` | {entry['level']} |" in PAGE for code, entry in codes().items())


def test_what_is_forgiven_is_something_that_a_program_leaves_out_and_has_a_reason():
    assert set(graceful()) <= set(table())
    assert all(reason.endswith(".") for reason in graceful().values())
