"""The Celery tasks of long work on the list: an id comes in, one function is called."""

from __future__ import annotations

import contextlib

from celery import shared_task

from subscribers.importing import running
from subscribers.importing.faults import ImportingError


@shared_task
def run_import(import_id: int) -> None:
    """Run an import, and queue the next. One that is done, or comes while another is under way, is left: a task may be delivered twice."""
    with contextlib.suppress(ImportingError):
        if not running.run_in_turn(import_id):
            return
    for waiting in running.left_lying()[:1]:
        run_import.delay(waiting)


@shared_task
def sweep_imports() -> None:
    """Take up again the imports whose worker died, or whose task was lost."""
    for import_id in running.left_lying():
        run_import.delay(import_id)
