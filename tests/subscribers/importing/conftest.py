from __future__ import annotations

import io

import pytest

BASIS = "They asked for the letter at the fair in Kirkenes."


@pytest.fixture
def sheet():
    """Makes an open sheet of a text (UTF-8) or of bytes."""
    from subscribers.importing.sheets import Named

    def make(content, name="people.csv"):
        return Named(io.BytesIO(content.encode() if isinstance(content, str) else content), name)

    return make


@pytest.fixture
def bring(db, sheet):
    """Imports a sheet, and returns the summary."""
    from subscribers.importing import running
    from subscribers.importing.options import Options
    from tests.factories import make_interests

    make_interests()

    def run(content, name="people.csv", **chosen):
        return running.run(running.begin(sheet(content, name), Options(**chosen), basis=BASIS, by="Turid").pk)

    return run


@pytest.fixture
def look(db, sheet):
    """Returns what an import would do."""
    from subscribers.importing import running
    from subscribers.importing.options import Options
    from tests.factories import make_interests

    make_interests()
    return lambda content, name="people.csv", **chosen: running.look(sheet(content, name), Options(**chosen))
