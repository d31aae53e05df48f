"""An import from its beginning to its end: begin it, look at it without doing it, run it.

One transaction: either the whole plan is carried out or nothing is. A process that is killed leaves nothing but the sheet, and the
import can be run again as if for the first time; one that is done is never done twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DataError, connection, transaction
from django.utils import timezone

from subscribers.importing import merging, pieces
from subscribers.importing.faults import AlreadyRunningError, ImportingError
from subscribers.importing.options import Options
from subscribers.importing.planning import counted, plan
from subscribers.importing.progress import Watch, nobody, told
from subscribers.importing.sheets import Named
from subscribers.importing.staging import Staged, stage
from subscribers.models import Import, ImportRow
from subscribers.reasons import codes, words
from subscribers.signup import SignupError, one_line

# Rows with a reason that a summary holds; the report has all of them.
MOST_TOLD = 1_000
_SHORTEST_BASIS = 10
_MEMORY = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be said of one row. The reason is kept as codes (see `subscribers.reasons`)."""

    number: int
    outcome: str
    kept: str

    @property
    def reason(self) -> str:
        """The reason in English."""
        return words(self.kept)


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did, or would do. `problem` is empty when it was (or would be) done."""

    outcomes: Mapping[str, int]
    rows: int
    empty: int
    sheet: str
    system: str
    columns: tuple[str, ...]
    problem: str = ""
    told: tuple[Told, ...] = ()
    import_id: int | None = None

    def as_json(self, language: str = "en") -> dict[str, Any]:
        """The form for scripts, with reasons in "nb" or "en", and the one kept with the import."""
        return {
            "import": self.import_id,
            "done": not self.problem,
            "problem": self.problem,
            "rows": self.rows,
            "empty_rows": self.empty,
            "outcomes": {outcome.value: self.outcomes.get(outcome, 0) for outcome in ImportRow.Outcome},
            "sheet": self.sheet,
            "system": self.system,
            "columns": list(self.columns),
            "told": [
                {
                    "row": told.number,
                    "outcome": told.outcome,
                    "codes": codes(told.kept),
                    "reason": words(told.kept, language),
                }
                for told in self.told
            ],
        }


def begin(source: Named, options: Options, *, basis: str, by: str = "") -> Import:
    """Keep a sheet and what is wanted with it, for `run`. Raises ImportingError, SheetError or SignupError, and then keeps nothing.

    `basis` is the sentence that tells how it is known that these people asked for the letter.
    """
    options.check()
    sentence = one_line(basis)
    if len(sentence) < _SHORTEST_BASIS:
        raise ImportingError(
            "Say in a sentence how you know that these people asked for the letter; it is kept with each of them as the proof."
        )
    with transaction.atomic():
        kept = Import.objects.create(
            file_name=one_line(source.name)[-200:] or "sheet",
            options=options.as_json(),
            basis=sentence,
            by=by[:150],
        )
        source.file.seek(0)
        pieces.keep(source.file, kept.pk)
    return kept


def look(source: Named, options: Options, watch: Watch = nobody) -> Summary:
    """Return what an import would do, and do nothing. Raises what `begin` and `run` do."""
    options.check()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MEMORY)
        staged = stage(source, options, cursor, lambda done, total: watch("reading", done, total))
        outcomes = plan(options, cursor)
        return _summary(staged, outcomes, cursor, _problem(outcomes, options, would="would be"))


def run(import_id: int, watch: Watch = nobody) -> Summary:
    """Run an import, or run one again that was killed. Return what it did; `Summary.problem` tells why nothing was imported.

    Raises AlreadyRunningError, and ImportingError for one that ended before. A sheet that can't be read ends as failed.
    """
    with told(import_id, watch) as progress, transaction.atomic(), connection.cursor() as cursor:
        kept = _alone(import_id, cursor)
        options = Options.from_json(kept.options)
        try:
            # A savepoint: what is wrong with the sheet is written down all the same.
            with transaction.atomic():
                options.check()
                cursor.execute(_MEMORY)
                progress.step("reading")
                with pieces.spool(import_id) as file:
                    staged = stage(Named(file, kept.file_name), options, cursor, progress.tell)
                progress.step("comparing")
                planned = plan(options, cursor)
                problem = _problem(planned, options)
                progress.step("writing")
                if not problem:
                    proof = merging.Proof(import_id, kept.basis, _edition(kept.basis), kept.by)
                    merging.merge(proof, options.language, cursor, changes_people="changed" in planned)
                merging.record(import_id, cursor)
                summary = _summary(staged, counted(cursor), cursor, problem, import_id)
        except (ImportingError, SignupError) as problem:
            summary = Summary({}, 0, 0, "", "", (), problem=str(problem), import_id=import_id)
        except DataError as problem:
            said = one_line(str(problem))[:200]
            summary = Summary(
                {}, 0, 0, "", "", (), problem=f"The database refused the sheet: {said}", import_id=import_id
            )
        _end(kept, summary)
    return summary


def run_in_turn(import_id: int) -> bool:
    """Run an import unless a worker is at another one: each takes a process for minutes, and others wait for those. Raises what `run` does.

    Return whether it was this one's turn. Who waits is found by `left_lying`.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('ukebrev.import-by-worker'))")
        if not cursor.fetchone()[0]:
            return False
        run(import_id)
        return True


def left_lying() -> list[int]:
    """Return the imports that wait, or that were running when their process died: for whoever sweeps."""
    found = Import.objects.filter(status__in=(Import.Status.WAITING, Import.Status.RUNNING)).order_by("pk")
    free = []
    for number in found.values_list("pk", flat=True):
        with transaction.atomic(), connection.cursor() as cursor:
            if _lock(number, cursor):
                free.append(number)
    return free


def _alone(import_id: int, cursor: Any) -> Import:
    """Return the import, in this process's hands until the transaction ends, however it ends."""
    kept = Import.objects.filter(pk=import_id).first()
    if kept is None:
        raise ImportingError(f"There is no import {import_id}.")
    if not _lock(import_id, cursor):
        raise AlreadyRunningError(f"Import {import_id} is being run by another process. Wait for it.")
    kept.refresh_from_db(fields=["status", "problem"])
    if kept.status not in {Import.Status.WAITING, Import.Status.RUNNING}:
        raise ImportingError(f"Import {import_id} is {kept.status} already. {kept.problem}".strip())
    return kept


def _lock(import_id: int, cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('ukebrev.import'), %s)", [import_id])
    return bool(cursor.fetchone()[0])


def _problem(outcomes: Mapping[str, int], options: Options, *, would: str = "was") -> str:
    rejected = outcomes.get("rejected", 0)
    good = sum(outcomes.get(outcome, 0) for outcome in ("added", "recorded", "changed", "unchanged"))
    if not sum(outcomes.values()):
        return f"Nothing {would} imported: there are no people in the sheet."
    if rejected and not options.good_rows_only:
        rows = "1 row" if rejected == 1 else f"{rejected:,} rows"
        return f"Nothing {would} imported: {rows} can't be read. Correct the sheet, or ask for the good rows only."
    if not good:
        return f"Nobody {would} imported: no row of the sheet holds somebody who may be added."
    return ""


def _summary(
    staged: Staged, outcomes: Mapping[str, int], cursor: Any, problem: str, import_id: int | None = None
) -> Summary:
    cursor.execute(
        "SELECT number, outcome, reason FROM import_plan WHERE reason <> ''"
        " ORDER BY outcome <> 'rejected', number LIMIT %s",
        [MOST_TOLD],
    )
    return Summary(
        outcomes=outcomes,
        rows=staged.rows,
        empty=staged.empty,
        sheet=staged.sheet.about,
        system=staged.columns.system,
        columns=tuple(staged.columns.in_words()),
        problem=problem,
        told=tuple(Told(*row) for row in cursor.fetchall()),
        import_id=import_id,
    )


def _edition(basis: str) -> str:
    """Return a short name of a sentence, so that it can be told that two people were imported on the same one."""
    return hashlib.sha256(basis.encode()).hexdigest()[:12]


def _end(kept: Import, summary: Summary) -> None:
    kept.status = Import.Status.FAILED if summary.problem else Import.Status.DONE
    kept.problem = summary.problem
    kept.step = ""
    kept.counts = {**summary.as_json(), "told": []}
    kept.rows_done = kept.rows_total = summary.rows + summary.empty
    kept.finished_at = timezone.now()
    kept.save(update_fields=["status", "problem", "step", "counts", "rows_done", "rows_total", "finished_at"])
