"""The Celery tasks of long work on the list: an id comes in, one function is called."""

from __future__ import annotations

import contextlib

from celery import shared_task

from subscribers.importing import running
from subscribers.importing.faults import ImportingError


@shared_task
def run_import(import_id: int) -> None:
    """Run an import. One that is done, or in another worker's hands, is left alone: a task may be delivered twice."""
    with contextlib.suppress(ImportingError):
        running.run(import_id)


@shared_task
def sweep_imports() -> None:
    """Take up again the imports whose worker died, or whose task was lost."""
    for import_id in running.left_lying():
        run_import.delay(import_id)
